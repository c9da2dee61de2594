"""Departments and staff, and what staff have delegated to each other."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, RowMapping, any_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.tables import delegations, departments, staff

DEPARTMENT = (
    departments.c.uscc, departments.c.name, departments.c.name_en, departments.c.region, departments.c.parent, departments.c.version,
)  # fmt: skip
STAFF = (
    staff.c.id, staff.c.login, staff.c.name, staff.c.department, staff.c.region, staff.c.posts, staff.c.grade, staff.c.item_departments,
    staff.c.item_codes, staff.c.version, staff.c.left_at,
)  # fmt: skip
DELEGATION = tuple(delegations.c)
_MEMBERS = """
SELECT id, department, region, posts, grade, item_departments, item_codes, version, left_at FROM staff WHERE id = ANY($1::uuid[])
"""
_IN_FORCE = """
SELECT d.id, d.delegate, d.department, d.posts, d.region, d.grade, d.item_departments, d.item_codes, d.valid_from, d.valid_until,
  d.revoked_at, s.department AS own_department, s.region AS own_region, s.posts AS own_posts, s.grade AS own_grade,
  s.item_departments AS own_item_departments, s.item_codes AS own_item_codes, s.left_at AS own_left_at
FROM delegations d JOIN staff s ON s.id = d.delegator
WHERE d.delegate = ANY($1::uuid[]) AND d.revoked_at IS NULL AND d.valid_from <= $2 AND d.valid_until >= $2
"""
_TREE_LOCK = 0x6465707473

Reach = Collection[str] | None
"""Departments an administrator keeps; None: all."""


async def lock_department(tx: WriteTx, uscc: str) -> RowMapping | None:
    return await tx.one_or_none(select(*DEPARTMENT).where(departments.c.uscc == uscc).with_for_update())


async def lock_department_tree(tx: WriteTx) -> None:
    """Held until the transaction ends: two that hang departments below each other come one after the other."""
    await tx.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))


async def insert_department(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when it is there already."""
    return await tx.execute(insert(departments).values(**row).on_conflict_do_nothing(index_elements=[departments.c.uscc])) == 1


async def update_department(tx: WriteTx, uscc: str, values: dict[str, Any]) -> None:
    await tx.execute(update(departments).where(departments.c.uscc == uscc).values(version=departments.c.version + 1, **values))


async def departments_by_code(tx: ReadTx, codes: Collection[str]) -> Sequence[RowMapping]:
    return await tx.all(select(*DEPARTMENT).where(departments.c.uscc.in_(sorted(codes))))


async def departments_below(tx: ReadTx, uscc: str) -> frozenset[str]:
    """The department and everything under it."""
    tree = _tree(uscc)
    return frozenset(row[0] for row in await tx.rows(select(tree.c.uscc)))


def _tree(uscc: str) -> CTE:
    tree = select(departments.c.uscc).where(departments.c.uscc == uscc).cte("tree", recursive=True)
    below = departments.alias("below")
    return tree.union(select(below.c.uscc).join(tree, below.c.parent == tree.c.uscc))


async def lock_staff(tx: WriteTx, login: str) -> RowMapping | None:
    return await tx.one_or_none(select(*STAFF).where(staff.c.login == login).with_for_update())


async def lock_members(tx: WriteTx, logins: Collection[str]) -> dict[str, RowMapping]:
    """Several members at once, locked in one order for everyone."""
    rows = await tx.all(select(*STAFF).where(staff.c.login.in_(sorted(logins))).order_by(staff.c.id).with_for_update())
    return {row["login"]: row for row in rows}


async def staff_by_logins(tx: ReadTx, logins: Collection[str]) -> dict[str, RowMapping]:
    rows = await tx.all(select(*STAFF).where(staff.c.login.in_(sorted(logins))))
    return {row["login"]: row for row in rows}


async def insert_staff(tx: WriteTx, row: dict[str, Any]) -> RowMapping | None:
    """The new member; None when the login is taken."""
    return await tx.one_or_none(insert(staff).values(**row).on_conflict_do_nothing(index_elements=[staff.c.login]).returning(*STAFF))


async def update_staff(tx: WriteTx, staff_id: UUID, values: dict[str, Any]) -> RowMapping:
    """The member as changed. Every change counts the version, so no token from before it is good any more."""
    statement = update(staff).where(staff.c.id == staff_id).values(version=staff.c.version + 1, **values).returning(*STAFF)
    return await tx.one(statement)


async def staff_after(tx: ReadTx, login: str, count: int, *, reach: Reach, department: str | None) -> Sequence[RowMapping]:
    """By login; those of the departments in reach, and of one of them where asked."""
    wanted: list[ColumnElement[bool]] = [staff.c.login > login]
    if reach is not None:
        wanted.append(staff.c.department.in_(sorted(reach)))
    if department is not None:
        wanted.append(staff.c.department == department)
    return await tx.all(select(*STAFF).where(*wanted).order_by(staff.c.login).limit(count))


async def has_administrator(tx: ReadTx, post: str) -> bool:
    return bool(await tx.scalar(select(staff.c.id).where(any_(staff.c.posts) == post, staff.c.left_at.is_(None)).limit(1)))


async def insert_delegation(tx: WriteTx, row: dict[str, Any]) -> RowMapping:
    return await tx.one(insert(delegations).values(**row).returning(*DELEGATION))


async def delegation(tx: ReadTx, delegation_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*DELEGATION).where(delegations.c.id == delegation_id))


async def lock_delegation(tx: WriteTx, delegation_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*DELEGATION).where(delegations.c.id == delegation_id).with_for_update())


async def revoke_delegation(tx: WriteTx, delegation_id: UUID, *, by: UUID, reason: str) -> RowMapping:
    statement = update(delegations).where(delegations.c.id == delegation_id).values(
        revoked_at=tx.now, revoked_by=by, revocation_reason=reason, version=delegations.c.version + 1
    )  # fmt: skip
    return await tx.one(statement.returning(*DELEGATION))


async def lock_live_delegations_of(tx: WriteTx, staff_id: UUID, today: date) -> Sequence[RowMapping]:
    """Given or received by a member, not over and not revoked."""
    statement = select(*DELEGATION).where(
        or_(delegations.c.delegator == staff_id, delegations.c.delegate == staff_id),
        delegations.c.revoked_at.is_(None),
        delegations.c.valid_until >= today,
    )
    return await tx.all(statement.order_by(delegations.c.id).with_for_update())


async def delegations_after(
    tx: ReadTx, position: UUID | None, count: int, *, delegator: UUID | None = None, delegate: UUID | None = None
) -> Sequence[RowMapping]:
    """Newest first, of a delegator or a delegate (of either where both are given)."""
    of = [column == one for column, one in ((delegations.c.delegator, delegator), (delegations.c.delegate, delegate)) if one is not None]
    wanted: list[ColumnElement[bool]] = [or_(*of)]
    if position is not None:
        wanted.append(delegations.c.id < position)
    return await tx.all(select(*DELEGATION).where(*wanted).order_by(delegations.c.id.desc()).limit(count))


async def members(tx: ReadTx, ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Their offices and versions. With `delegations_in_force` on the path of every staff request: straight to the driver."""
    return [dict(row) for row in await (await tx.asyncpg()).fetch(_MEMBERS, list(ids))]


async def delegations_in_force(tx: ReadTx, delegates: Collection[UUID], today: date) -> list[dict[str, Any]]:
    """What was delegated to these members and counts today, with the delegator's office as it is now (columns `own_…`)."""
    return [dict(row) for row in await (await tx.asyncpg()).fetch(_IN_FORCE, list(delegates), today)]
