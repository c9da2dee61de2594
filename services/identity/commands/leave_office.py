"""A staff member leaves: no sign-in goes on, nothing they hold or have delegated counts any more. And returns, with the same office."""

from sqlalchemy import RowMapping

from chassis.clock import local_day
from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import NotFound
from services.identity.commands.put_staff import staff_state
from services.identity.commands.record_change import record_change
from services.identity.commands.revoke_delegation import end_delegation
from services.identity.errors import OwnRecord, StaffHasLeft, StaffIsActive
from services.identity.events import StaffChanged, StaffLeft
from services.identity.queries.administrators import Administrator
from services.identity.store import sessions, staffing


async def leave_office(tx: WriteTx, login: str, by: Administrator, *, seen: int) -> RowMapping:
    """The member as they left. Delegations they gave or received are revoked. Raises NotFound, OwnRecord, StaffHasLeft, PreconditionFailed."""
    before = await _lock(tx, login, by, seen)
    if before["left_at"] is not None:
        raise StaffHasLeft()
    after = await staffing.update_staff(tx, before["id"], {"left_at": tx.now})
    await sessions.end_sessions(tx, subject=before["id"])
    await record_change(tx, by.actor, "left", kind="staff", record=login, department=before["department"], before=before, after=after)
    for delegation in await staffing.lock_live_delegations_of(tx, before["id"], local_day(tx.now)):
        await end_delegation(tx, delegation, by.actor, reason="离岗 left office")
    tx.emit(StaffLeft(**staff_state(after), left_at=tx.now))
    return after


async def return_to_office(tx: WriteTx, login: str, by: Administrator, *, seen: int) -> RowMapping:
    """The member, at work again; delegations stay revoked. Raises NotFound, OwnRecord, StaffIsActive, PreconditionFailed."""
    before = await _lock(tx, login, by, seen)
    if before["left_at"] is None:
        raise StaffIsActive()
    after = await staffing.update_staff(tx, before["id"], {"left_at": None})
    await record_change(tx, by.actor, "returned", kind="staff", record=login, department=before["department"], before=before, after=after)
    tx.emit(StaffChanged(**staff_state(after)))
    return after


async def _lock(tx: WriteTx, login: str, by: Administrator, seen: int) -> RowMapping:
    before = await staffing.lock_staff(tx, login)
    if before is None or not by.keeps(before["department"]):
        raise NotFound()
    if before["id"] == by.actor.subject:
        raise OwnRecord()
    check_version(seen, before["version"])
    return before
