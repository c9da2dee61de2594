"""Secrets that open one thing once, for a day: a staff member's new password, the first administrator's place."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
import secrets
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.problems import NotFound
from services.identity.commands.put_department import PutDepartment, put_department
from services.identity.commands.put_staff import PutStaff, put_staff
from services.identity.commands.record_change import record_change
from services.identity.errors import AdministratorExists, OwnRecord, SecretRefused, StaffHasLeft
from services.identity.queries.administrators import Administrator
from services.identity.rules.authority import ADMINISTRATOR
from services.identity.rules.clients import secret_digest
from services.identity.store import administration, sessions, staffing, subjects

LIFETIME = timedelta(hours=24)
_PASSWORD = "password"
_FIRST = "first-administrator"


@dataclass(frozen=True, slots=True)
class OneTimeSecret:
    secret: str = field(repr=False)
    expires_at: datetime


async def reset_password(tx: WriteTx, login: str, by: Administrator) -> OneTimeSecret:
    """The present password and every sign-in end now; whoever holds the secret chooses a new one.

    Raises NotFound, OwnRecord, StaffHasLeft.
    """
    member = await staffing.lock_staff(tx, login)
    if member is None or not by.keeps(member["department"]):
        raise NotFound()
    if member["id"] == by.actor.subject:
        raise OwnRecord()
    if member["left_at"] is not None:
        raise StaffHasLeft()
    await staffing.update_staff(tx, member["id"], {"password_hash": None})
    await sessions.end_sessions(tx, subject=member["id"])
    await record_change(tx, by.actor, "password reset", kind="staff", record=login, department=member["department"])
    return await _make(tx, _PASSWORD, member["id"])


async def choose_password(tx: WriteTx, login: str, secret: str, password_hash: str) -> None:
    """Raises SecretRefused."""
    member = await staffing.lock_staff(tx, login)
    if member is None or member["left_at"] is not None:
        raise SecretRefused()
    if not await administration.use_secret(tx, secret_digest(secret), purpose=_PASSWORD, staff_id=member["id"]):
        raise SecretRefused()
    await staffing.update_staff(tx, member["id"], {"password_hash": password_hash})
    await sessions.end_sessions(tx, subject=member["id"])


async def invite_first_administrator(tx: WriteTx) -> OneTimeSecret:
    """Raises AdministratorExists."""
    await administration.lock_first_administrator(tx)
    if await staffing.has_administrator(tx, ADMINISTRATOR):
        raise AdministratorExists()
    return await _make(tx, _FIRST, None)


async def become_first_administrator(tx: WriteTx, secret: str, department: PutDepartment, member: PutStaff, operator: Actor) -> UUID:
    """The new administrator's id, at a department that is entered with them where it is not known yet.

    `operator` is in whose name the records are made. Raises AdministratorExists, SecretRefused, and what entering them raises.
    """
    await administration.lock_first_administrator(tx)
    if await staffing.has_administrator(tx, ADMINISTRATOR):
        raise AdministratorExists()
    if not await administration.use_secret(tx, secret_digest(secret), purpose=_FIRST, staff_id=None):
        raise SecretRefused()
    by = Administrator(operator, None, "0")
    if await subjects.department(tx, department.uscc) is None:
        await put_department(tx, department, by)
    row, _ = await put_staff(tx, member, by)
    staff_id: UUID = row["id"]
    return staff_id


async def _make(tx: WriteTx, purpose: str, staff_id: UUID | None) -> OneTimeSecret:
    made = OneTimeSecret(secrets.token_urlsafe(32), tx.now + LIFETIME)
    row = {
        "digest": secret_digest(made.secret),
        "purpose": purpose,
        "staff_id": staff_id,
        "made_at": tx.now,
        "expires_at": made.expires_at,
    }
    await administration.replace_secret(tx, row)
    return made
