"""Mandates and what they stand on."""

from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.tables import mandates, organisations, people, representations

Role = Literal["principal", "agent"]

_agents = people.alias("agents")
_principals = people.alias("principals")
_WHOLE = (
    select(
        mandates,
        _agents.c.name.label("agent_name"),
        func.coalesce(organisations.c.name, _principals.c.name).label("principal_name"),
    )
    .join(_agents, _agents.c.id == mandates.c.agent)
    .outerjoin(organisations, and_(organisations.c.id == mandates.c.principal, mandates.c.principal_kind == "organisation"))
    .outerjoin(_principals, and_(_principals.c.id == mandates.c.principal, mandates.c.principal_kind == "person"))
)


def _is_holding(tx: ReadTx) -> ColumnElement[bool]:
    return and_(
        mandates.c.ended_at.is_(None), mandates.c.begins_at <= tx.now, or_(mandates.c.ends_at.is_(None), mandates.c.ends_at > tx.now)
    )


async def insert_mandate(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when the same record made it before."""
    statement = insert(mandates).values(**row).on_conflict_do_nothing(
        index_elements=[mandates.c.record_number, mandates.c.principal, mandates.c.agent],
        index_where=mandates.c.record_number.is_not(None),
    )  # fmt: skip
    return await tx.execute(statement) == 1


async def mandate(tx: ReadTx, mandate_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(_WHOLE.where(mandates.c.id == mandate_id))


async def lock_mandate(tx: WriteTx, mandate_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(mandates).where(mandates.c.id == mandate_id).with_for_update())


async def end_mandate(tx: WriteTx, mandate_id: UUID, changes: dict[str, Any]) -> None:
    await tx.execute(update(mandates).where(mandates.c.id == mandate_id).values(version=mandates.c.version + 1, **changes))


async def lock_expired(tx: WriteTx, limit: int) -> Sequence[RowMapping]:
    """Mandates past their end that nobody has entered as ended yet, those left out that another process has."""
    statement = select(mandates).where(mandates.c.ended_at.is_(None), mandates.c.ends_at <= tx.now)
    return await tx.all(statement.order_by(mandates.c.ends_at).limit(limit).with_for_update(skip_locked=True))


async def mandates_of(
    tx: ReadTx, subject: UUID, *, role: Role, with_history: bool, limit: int, before: UUID | None
) -> Sequence[RowMapping]:
    """Newest first: UUIDv7 ids are in order of making. Without history, what holds or will."""
    statement = _WHOLE.where(mandates.c[role] == subject).order_by(mandates.c.id.desc()).limit(limit)
    if not with_history:
        statement = statement.where(mandates.c.ended_at.is_(None), or_(mandates.c.ends_at.is_(None), mandates.c.ends_at > tx.now))
    if before is not None:
        statement = statement.where(mandates.c.id < before)
    return await tx.all(statement)


async def holding_mandates(tx: ReadTx, target: UUID, agent: UUID) -> Sequence[RowMapping]:
    """What the agent may do now for a principal, or by one mandate: at most two, enough to know whether there is one."""
    is_target = or_(mandates.c.principal == target, mandates.c.id == target)
    return await tx.all(_WHOLE.where(mandates.c.agent == agent, is_target, _is_holding(tx)).order_by(mandates.c.id).limit(2))


async def representation(tx: ReadTx, organisation_id: UUID, person_id: UUID) -> UUID | None:
    """The id of the person's being the organisation's legal representative now."""
    found: UUID | None = await tx.scalar(
        select(representations.c.id).where(
            representations.c.organisation_id == organisation_id,
            representations.c.person_id == person_id,
            representations.c.ended_at.is_(None),
        )
    )
    return found


async def holding(tx: ReadTx, of: Collection[tuple[str, UUID, int]]) -> set[tuple[str, UUID, int]]:
    """Those of these (kind, id, version) that hold now. A representation has one version: it ends, it does not change."""
    by_mandate = [(record, version) for kind, record, version in of if kind == "mandate"]
    by_representation = [record for kind, record, version in of if kind == "representation" and version == 1]
    found: set[tuple[str, UUID, int]] = set()
    if by_mandate:
        wanted = tuple_(mandates.c.id, mandates.c.version).in_(by_mandate)
        rows = await tx.all(select(mandates.c.id, mandates.c.version).where(wanted, _is_holding(tx)))
        found |= {("mandate", row["id"], row["version"]) for row in rows}
    if by_representation:
        is_current = representations.c.ended_at.is_(None)
        current = await tx.all(select(representations.c.id).where(representations.c.id.in_(by_representation), is_current))
        found |= {("representation", row["id"], 1) for row in current}
    return found
