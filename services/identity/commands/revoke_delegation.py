"""Take back authority that was handed on: it ends with this commit, for the delegate's very next request."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import NotFound
from services.identity.commands.record_change import record_change
from services.identity.errors import DelegationEnded
from services.identity.events import DelegationRevoked
from services.identity.queries.administrators import Administrator
from services.identity.store import staffing

_STATE = (
    "delegator", "delegate", "department", "posts", "region", "grade", "item_departments", "item_codes", "reason", "note",
    "valid_from", "valid_until", "granted_at",
)  # fmt: skip


async def revoke_delegation(tx: WriteTx, delegation_id: UUID, by: Administrator, *, reason: str, seen: int) -> RowMapping:
    """The record. The delegator takes back, the delegate gives back, an administrator of the delegator's department ends.

    Raises NotFound, PreconditionFailed, DelegationEnded.
    """
    row = await staffing.lock_delegation(tx, delegation_id)
    if row is None or not may_see(row, by):
        raise NotFound()
    check_version(seen, row["version"])
    if row["revoked_at"] is not None:
        raise DelegationEnded()
    return await end_delegation(tx, row, by.actor, reason=reason)


def may_see(row: RowMapping, by: Administrator) -> bool:
    """Its two parties, and the administrators of the department in whose name it was given."""
    return by.actor.subject in (row["delegator"], row["delegate"]) or by.keeps(row["department"])


async def end_delegation(tx: WriteTx, row: RowMapping, actor: Actor, *, reason: str) -> RowMapping:
    """Revoke one that is locked and in force."""
    after = await staffing.revoke_delegation(tx, row["id"], by=actor.person, reason=reason)
    told = delegation_state(after) | {name: after[name] for name in ("revoked_at", "revoked_by", "revocation_reason")}
    await record_change(
        tx, actor, "revoked", kind="delegation", record=str(row["id"]), department=row["department"], before=delegation_state(row), after=told
    )  # fmt: skip
    tx.emit(DelegationRevoked(**told))
    return after


def delegation_state(row: RowMapping) -> dict[str, Any]:
    """What was delegated, as events carry it."""
    return {"delegation_id": row["id"], **{name: row[name] for name in _STATE}}
