"""Check an item against every rule of publication, as publishing it would, and change nothing."""

from chassis.database import ReadTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.errors import PublicationRefused
from services.catalog.queries.know_authority import is_authority_known
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import RULES, Finding, Retired, findings
from services.catalog.store import drift as store_drift


async def check_item(item: ItemContent, tx: ReadTx) -> list[Finding]:
    """Everything that stands against publishing the item."""
    retired = await store_drift.retirement(tx, item.base_code) if item.base_code else None
    return findings(
        item,
        await store.obtainable(tx),
        is_region_known=await store.region_exists(tx, item.region_code),
        is_authority_known=await is_authority_known(item, tx),
        retired_base_code=Retired(retired["moved_to"]) if retired is not None else None,
    )


async def refuse_unlawful(item: ItemContent, tx: ReadTx) -> None:
    """Raises PublicationRefused with every finding and how to put it right."""
    found = await check_item(item, tx)
    if found:
        raise PublicationRefused(errors=[FieldError(one.pointer, one.rule, _told(one)) for one in found])


def _told(finding: Finding) -> Text:
    remedy = RULES[finding.rule].remedy
    return Text(f"{finding.zh}。改正：{remedy.zh}。", f"{finding.en.rstrip('.')}. To put it right: {remedy.en}.")
