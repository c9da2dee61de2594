"""How guides are asked for, and how their answers go out: which version, in which look, with which answers; kept, and revalidated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
import hashlib
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Depends, Header, Query, Request, Response
from pydantic import StringConstraints

from chassis import context
from chassis.clock import LOCAL_ZONE, local_day
from chassis.problems import FieldError, Text
from services.catalog.api.item_schemas import PROBLEM_CONTENT
from services.catalog.errors import AnswersIncomplete, AnswersInvalid
from services.catalog.kept.answers import Terms
from services.catalog.kept.shortcut import is_seen, may_be_kept
from services.catalog.pages.guide import Addresses, Edition, Look
from services.catalog.pages.qr import LONGEST
from services.catalog.pages.questions import as_query
from services.catalog.queries.show_guide import Version
from services.catalog.rules.guide.parts import Language
from services.catalog.rules.narrowing import Answers, Narrowed, answer_faults, narrow

HERE = "/api/catalog/v1"
LOOKS = ("lang", "text_size", "v")
REVALIDATE = "public, no-cache"
FOREVER = "public, max-age=31536000, immutable"
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "What you have is what is in force"}}

OneAnswer = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}:[a-z][a-z0-9_-]{0,63}$")]


def html(what: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that gives a page."""
    return {200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": what}, **UNCHANGED}


def pdf(what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/pdf": {}}, "description": what}, **UNCHANGED}


GONE: dict[int | str, dict[str, Any]] = {410: {"description": "The item is withdrawn; `moved_to` takes its place", **PROBLEM_CONTENT}}
GONE_PAGE: dict[int | str, dict[str, Any]] = {
    410: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "The item is withdrawn, and where it went"}
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How the reader wants it; `seen` is the version that the reader's paper shows."""

    language: Language
    is_large: bool
    seen: int | None

    def look(self, *, is_fragment: bool = False) -> Look:
        return Look(self.language, self.is_large, is_fragment)


def _asked(
    lang: Annotated[Literal["zh-CN", "en"] | None, Query(description="Else what Accept-Language prefers.")] = None,
    text_size: Annotated[Literal["normal", "large"], Query(description="Large print, on the screen and on paper.")] = "normal",
    v: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="The version on the reader's paper, from its QR code.")] = None,
) -> Asked:
    language: Language = context.language() if lang is None else ("en" if lang == "en" else "zh")
    return Asked(language, text_size == "large", v)


AskedFor = Annotated[Asked, Depends(_asked)]


def _given(
    answer: Annotated[
        list[OneAnswer] | None,
        Query(max_length=200, description="question:choice, once for each choice made in the item's situation table."),
    ] = None,
) -> list[str]:
    return answer or []


GivenAnswers = Annotated[list[str], Depends(_given)]
IfNoneMatch = Annotated[str | None, Header(description="The ETag you have.")]


def narrowed_by(version: Version, given: Sequence[str], *, seen: int | None) -> tuple[Answers, Narrowed, bool]:
    """The answers, the item narrowed by them, and whether they were dropped, being answers to another version's questions.

    Raises AnswersInvalid.
    """
    answers: dict[str, list[str]] = {}
    for one in given:
        key, _, choice = one.partition(":")
        if choice not in answers.setdefault(key, []):
            answers[key].append(choice)
    table = version.item.situation_table
    faults = [(fault.zh, fault.en, fault.code) for fault in answer_faults(table, answers)] if table else []
    if answers and table is None:
        faults = [("这个事项不分情形", "This item has no situations", "question-unknown")]
    is_of_another = bool(faults) and seen is not None and seen != version.number
    if faults and not is_of_another:
        raise AnswersInvalid(errors=[FieldError("query:answer", code, Text(zh, en)) for zh, en, code in faults])
    if is_of_another:
        answers = {}
    return answers, narrow(version.item, answers), is_of_another


def complete(narrowed: Narrowed) -> None:
    """Raises AnswersIncomplete."""
    if narrowed.open_questions:
        raise AnswersIncomplete(open_questions=[question.key for question in narrowed.open_questions])


def edition_of(version: Version, asked: Asked) -> Edition:
    current = None if version.in_force else f"{HERE}/items/{version.local_code}/guide?v={version.number}"
    return Edition(version.number, local_day(version.effective_from), asked.seen, current)


def addresses(request: Request, version: Version, kind: Literal["guide", "notice"], answers: Answers) -> Addresses:
    """Where the page, its document and the other page are; its QR code leads to what is in force, and says which version is on paper."""
    path = request.url.path
    root = f"{HERE}/items/{version.local_code}" if version.in_force else f"{HERE}/item-versions/{version.version_id}"
    query = tuple(request.query_params.multi_items())
    look = [(name, value) for name, value in query if name in ("lang", "text_size")]
    given = [("answer", one) for one in as_query(answers)]
    origin = request.app.state.runtime.settings.public_url.rstrip("/")
    lang = [(name, value) for name, value in look if name == "lang"]
    qr = f"{origin}{HERE}/items/{version.local_code}/{kind}?{urlencode([*given, *lang, ('v', version.number)], safe=':')}"
    if len(qr) > LONGEST:
        qr = f"{origin}{HERE}/items/{version.local_code}/{kind}?v={version.number}"
    other = "notice" if kind == "guide" else "guide"
    return Addresses(path, query, qr, _address(f"{root}/{kind}/pdf", [*given, *look]), _address(f"{root}/{other}", look))


def _address(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query, safe=':')}" if query else path


def terms_of(version: Version, now: datetime, *, is_dated: bool = False) -> Terms | None:
    """Until when an answer about what is in force may be kept; what is dated holds for the day."""
    if version.in_force is None:
        return None
    until = version.in_force.until
    if is_dated:
        midnight = datetime.combine(local_day(now) + timedelta(days=1), time(), LOCAL_ZONE)
        until = min(until, midnight) if until else midnight
    return Terms(version.local_code, version.in_force.since, until)


def sent(request: Request, response: Response, terms: Terms | None, if_none_match: str | None) -> Response:
    """The answer as it goes out: to be revalidated where the version in force may change, else good for ever."""
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:20]}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = FOREVER if terms is None else REVALIDATE
    if terms:
        may_be_kept(request, terms, parameters=LOOKS)
    if is_named(if_none_match, tag):
        kept = {name: value for name, value in response.headers.items() if name not in ("content-type", "content-length")}
        return Response(status_code=304, headers=kept)
    return response


def is_named(if_none_match: str | None, tag: str) -> bool:
    """Whether the reader has what the tag names."""
    return if_none_match is not None and is_seen(if_none_match.encode("latin-1", "replace"), tag.encode())
