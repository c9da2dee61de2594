"""What staff may do now, from their own office and the delegations in force."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis import actor as chassis_actor
from chassis.clock import local_day
from chassis.database import ReadTx
from chassis.standings import Standing
from services.identity.rules.authority import Appointment, Authority, Delegation, ItemSet, authority_of
from services.identity.store import staffing


async def authorities(tx: ReadTx, ids: Collection[UUID]) -> dict[UUID, Authority]:
    """By staff member; those who are unknown or have left are missing. Two statements, however many are asked for."""
    today = local_day(tx.now)
    received: dict[UUID, list[Delegation]] = {}
    for row in await staffing.delegations_in_force(tx, ids, today):
        delegator = appointment({name.removeprefix("own_"): row[name] for name in row if name.startswith("own_")})
        received.setdefault(row["delegate"], []).append(delegation_of(row, delegator))
    return {
        row["id"]: authority_of(appointment(row), received.get(row["id"], ()), version=row["version"], today=today)
        for row in await staffing.members(tx, ids)
        if row["left_at"] is None
    }


def standing_of(authority: Authority) -> Standing:
    """The same as every service sees it."""
    grants = tuple(
        chassis_actor.Grant(
            grant.department, grant.post, grant.region, grant.grade, grant.items.departments, grant.items.codes, grant.delegation
        )
        for grant in authority.grants
    )
    own = authority.own
    return Standing(authority.stamp, own.department, own.region, own.posts, own.grade, grants)


def appointment(row: RowMapping | dict[str, Any]) -> Appointment:
    """The office a staff row describes."""
    return Appointment(
        row["department"], frozenset(row["posts"]), row["region"], row["grade"], items_of(row), has_left=row["left_at"] is not None
    )  # fmt: skip


def items_of(row: RowMapping | dict[str, Any]) -> ItemSet:
    departments, codes = row["item_departments"], row["item_codes"]
    return ItemSet(None if departments is None else frozenset(departments), None if codes is None else frozenset(codes))


def delegation_of(row: dict[str, Any], delegator: Appointment) -> Delegation:
    return Delegation(
        id=row["id"],
        delegator=delegator,
        department=row["department"],
        posts=frozenset(row["posts"]),
        region=row["region"],
        grade=row["grade"],
        items=items_of(row),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        is_revoked=row["revoked_at"] is not None,
    )
