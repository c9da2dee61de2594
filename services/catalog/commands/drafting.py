"""What every step of a draft begins and ends with: whose it is, whether it is still as the caller saw it, and what is kept of the step."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import ReadTx, WriteTx
from chassis.problems import FieldError, Text
from services.catalog.commands.hands import WRITERS, Matter, demand_reach, hand_of, name_of
from services.catalog.life_errors import DraftChanged, DraftClosed, DraftOutdated, DraftUnknown, ItemEnded, said
from services.catalog.rules.comparing import changes
from services.catalog.rules.content import ItemContent
from services.catalog.store import drafts, lives

OPEN = frozenset({"draft", "reviewed"})


def matter_of(local_code: str, item: ItemContent) -> Matter:
    return Matter(local_code, item.authority.code, item.region_code)


async def take_draft(tx: WriteTx, draft_id: UUID, actor: Actor, *, seen: int, states: Iterable[str] = OPEN) -> RowMapping:
    """The draft, locked. Raises DraftUnknown, DraftChanged, DraftClosed."""
    row = await drafts.lock_draft(tx, draft_id, drafts.seen_by(actor, WRITERS))
    if row is None:
        raise DraftUnknown()
    if row["version"] != seen:
        raise await _changed(tx, row, seen)
    if row["state"] not in states:
        raise DraftClosed(state=row["state"])
    return row


async def keep_step(tx: WriteTx, row: RowMapping, action: str, actor: Actor, *, content: Mapping[str, Any], **values: Any) -> None:
    """The draft's next version, and whose doing it is."""
    version = row["version"] + 1
    await drafts.save_draft(tx, row["id"], version, content=content, **values)
    await drafts.add_change(tx, row["id"], version, action, content=content, done_by=hand_of(actor), done_by_name=name_of(actor))


async def demand_item(tx: ReadTx, actor: Actor, local_code: str, item: ItemContent) -> RowMapping | None:
    """The item's newest version, where it and what it shall become are the actor's to maintain. Raises NotYours, ItemEnded."""
    demand_reach(actor, matter_of(local_code, item), WRITERS)
    newest = await lives.newest_version(tx, local_code)
    if newest is not None:
        demand_reach(actor, matter_of(local_code, ItemContent.model_validate(newest["content"])), WRITERS)
    ended = [row for row in await lives.list_standings(tx, local_code) if row["state"] == "withdrawn"]
    if ended:
        raise ItemEnded(local_code=local_code, since=said(ended[0]["since"]))
    return newest


async def demand_current(tx: ReadTx, row: RowMapping) -> None:
    """Raises DraftOutdated where a version was published, or taken back, since the draft began."""
    newest = await lives.newest_version(tx, row["local_code"])
    number = newest["number"] if newest else 0
    if number == row["based_on"]:
        return
    base = await lives.version_of_number(tx, row["local_code"], row["based_on"])
    before, after = (one["content"] if one else {} for one in (base, newest))
    raise DraftOutdated(based_on=row["based_on"], newest=number, errors=as_errors(before, after))


def as_errors(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldError]:
    """Changes as a problem tells them."""
    return [FieldError(one.pointer, one.kind, Text(_literal(one.zh), _literal(one.en))) for one in changes(before, after)]


async def _changed(tx: ReadTx, row: RowMapping, seen: int) -> DraftChanged:
    steps = await drafts.changes_since(tx, row["id"], seen)
    facts = {"seen": seen, "actual": row["version"]}
    if not steps or steps[0]["version"] != seen:
        return DraftChanged(changed_by="", changed_at="", **facts)
    last = steps[-1]
    told = [{"by": one["done_by_name"], "at": one["done_at"], "action": one["action"]} for one in steps[1:]]
    return DraftChanged(
        changed_by=last["done_by_name"],
        changed_at=said(last["done_at"]),
        changed=told,
        errors=as_errors(steps[0]["content"], last["content"]),
        **facts,
    )


def _literal(text: str) -> str:
    """A sentence in which braces are only braces."""
    return text.replace("{", "{{").replace("}", "}}")
