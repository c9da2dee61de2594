"""Every SQL statement of drafts. Which drafts somebody sees is decided here, by their department, region and items."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, false, insert, or_, select, true, update

from chassis.actor import Actor, Grant
from chassis.database import ReadTx, WriteTx
from services.catalog.tables import item_draft_changes, item_drafts
from standards.regions import subtree_prefix

_LISTED = (
    item_drafts.c.id, item_drafts.c.local_code, item_drafts.c.state, item_drafts.c.version, item_drafts.c.based_on,
    item_drafts.c.authority_code, item_drafts.c.region_code, item_drafts.c.writers, item_drafts.c.reviewed_by,
    item_drafts.c.reviewed_by_name, item_drafts.c.reviewed_at, item_drafts.c.opinion, item_drafts.c.created_at, item_drafts.c.version_id,
)  # fmt: skip


def seen_by(actor: Actor, posts: Iterable[str]) -> ColumnElement[bool]:
    """The drafts somebody sees: the operator all, a system its department's in its region, staff those their posts are for."""
    if actor.kind == "service":
        return true()
    if actor.kind == "system":
        if actor.region is None:
            return false()
        return and_(item_drafts.c.authority_code == actor.department, _within(actor.region))
    wanted = frozenset(posts)
    return or_(false(), *(_reached(grant) for grant in actor.grants if grant.post in wanted))


def _reached(grant: Grant) -> ColumnElement[bool]:
    found = [item_drafts.c.authority_code == grant.department, _within(grant.region)]
    if grant.departments is not None:
        found.append(item_drafts.c.authority_code.in_(sorted(grant.departments)))
    if grant.items is not None:
        found.append(item_drafts.c.local_code.in_(sorted(grant.items)))
    return and_(*found)


def _within(region: str) -> ColumnElement[bool]:
    return item_drafts.c.region_code.startswith(subtree_prefix(region), autoescape=True)


async def add_draft(tx: WriteTx, **values: Any) -> None:
    await tx.execute(insert(item_drafts).values(state="draft", version=1, created_at=tx.now, **values))


async def draft(tx: ReadTx, draft_id: UUID, visible: ColumnElement[bool]) -> RowMapping | None:
    return await tx.one_or_none(select(item_drafts).where(item_drafts.c.id == draft_id, visible))


async def lock_draft(tx: WriteTx, draft_id: UUID, visible: ColumnElement[bool]) -> RowMapping | None:
    return await tx.one_or_none(select(item_drafts).where(item_drafts.c.id == draft_id, visible).with_for_update())


async def list_drafts(
    tx: ReadTx, visible: ColumnElement[bool], *, state: str | None, local_code: str | None, before: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """Newest first, without their content."""
    statement = select(*_LISTED).where(visible)
    if state is not None:
        statement = statement.where(item_drafts.c.state == state)
    if local_code is not None:
        statement = statement.where(item_drafts.c.local_code == local_code)
    if before is not None:
        statement = statement.where(item_drafts.c.id < before)
    return await tx.all(statement.order_by(item_drafts.c.id.desc()).limit(limit))


async def save_draft(tx: WriteTx, draft_id: UUID, version: int, **values: Any) -> None:
    await tx.execute(update(item_drafts).where(item_drafts.c.id == draft_id).values(version=version, **values))


async def add_change(tx: WriteTx, draft_id: UUID, version: int, action: str, *, content: Any, done_by: str, done_by_name: str) -> None:
    """What the draft says from this version on, and whose doing it is."""
    values = {"draft_id": draft_id, "version": version, "action": action, "content": content, "done_at": tx.now}
    await tx.execute(insert(item_draft_changes).values(**values, done_by=done_by, done_by_name=done_by_name))


async def changes_since(tx: ReadTx, draft_id: UUID, version: int) -> Sequence[RowMapping]:
    """The state of a version and every later one, in order."""
    statement = select(item_draft_changes).where(item_draft_changes.c.draft_id == draft_id, item_draft_changes.c.version >= version)
    return await tx.all(statement.order_by(item_draft_changes.c.version))
