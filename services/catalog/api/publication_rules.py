"""Rules of publication: listed with what they stand on, and tried on an item without publishing it."""

from typing import Annotated

from fastapi import Path, Response

from chassis import context
from chassis.app import service_router
from chassis.edge import Reads
from chassis.schema import View
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.commands.check_item import check_item
from services.catalog.rules.content import ItemContent, LocalCode
from services.catalog.rules.publication import RULES, Finding, Rule, Said

router = service_router("publication rules")


class PublicationRule(View):
    """A rule that every published item keeps. Texts are in the reader's language."""

    name: str
    title: str
    source: str
    how_to_fix: str


class PublicationRules(View):
    rules: list[PublicationRule]


class CheckFinding(View):
    """One reason why the item may not be published. `pointer` is a JSON pointer into the item sent."""

    pointer: str
    rule: str
    message: str
    source: str
    how_to_fix: str


class CheckReport(View):
    """What publishing the item would be refused for; nothing where `is_publishable`."""

    local_code: str
    is_publishable: bool
    findings: list[CheckFinding]


@router.get("/publication-rules")
async def list_rules(access: Anyone, response: Response) -> PublicationRules:
    """Every rule of publication, with the law or design it stands on and how what breaks it is put right."""
    _in_language(response)
    return PublicationRules(rules=[_shown(rule) for rule in RULES.values()])


@router.post("/items/{local_code}/check")
async def check(
    local_code: Annotated[LocalCode, Path(description="The code it would be published under.")],
    content: ItemContent,
    access: CanAdminister,
    tx: Reads,
    response: Response,
) -> CheckReport:
    """Check an item against every rule, as publishing it would, and change nothing."""
    _in_language(response)
    found = await check_item(content, tx)
    return CheckReport(local_code=local_code, is_publishable=not found, findings=[_finding(one) for one in found])


def _shown(rule: Rule) -> PublicationRule:
    return PublicationRule(name=rule.name, title=_said(rule.title), source=_said(rule.source), how_to_fix=_said(rule.remedy))


def _finding(finding: Finding) -> CheckFinding:
    rule = RULES[finding.rule]
    return CheckFinding(
        pointer=finding.pointer,
        rule=finding.rule,
        message=_said(Said(finding.zh, finding.en)),
        source=_said(rule.source),
        how_to_fix=_said(rule.remedy),
    )


def _said(text: Said) -> str:
    return text.zh if context.language() == "zh" else text.en


def _in_language(response: Response) -> None:
    response.headers["Content-Language"] = "zh-CN" if context.language() == "zh" else "en"
    response.headers["Vary"] = "Accept-Language"
