"""Enter somebody who works for a department, or change what they do there."""

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import PreconditionRequired
from services.identity.commands.record_change import record_change
from services.identity.errors import DepartmentUnknown, OutOfReach, OwnRecord, StaffHasLeft
from services.identity.events import StaffChanged
from services.identity.queries.administrators import Administrator
from services.identity.store import sessions, staffing, subjects


@dataclass(frozen=True, slots=True)
class PutStaff:
    """`password_hash` is None to keep the present password (a new member then cannot sign in yet).

    `item_departments` and `item_codes`: the items the posts are for; None: every.
    """

    login: str
    name: str
    department: str
    region: str
    posts: tuple[str, ...]
    grade: int
    item_departments: tuple[str, ...] | None = None
    item_codes: tuple[str, ...] | None = None
    password_hash: str | None = field(default=None, repr=False)

    def facts(self) -> dict[str, Any]:
        """As kept in the row, the password left out."""
        found = asdict(self)
        del found["password_hash"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


async def put_staff(tx: WriteTx, command: PutStaff, by: Administrator, *, seen: int | None = None) -> tuple[RowMapping, bool]:
    """The member and whether they are new. Nothing is written or told when it is so already.

    What is changed counts from the member's next request on; a new password also ends every sign-in made with the old.
    A staff administrator says which version they change. Raises DepartmentUnknown, OutOfReach, OwnRecord, StaffHasLeft,
    PreconditionRequired, PreconditionFailed.
    """
    facts = command.facts()
    password = {"password_hash": command.password_hash} if command.password_hash is not None else {}
    if await subjects.department(tx, command.department) is None:
        raise DepartmentUnknown()
    if not by.keeps(command.department) or not by.reaches(command.region):
        raise OutOfReach()
    row = {"id": tx.clock.new_id(), **facts, **password}
    before = await staffing.lock_staff(tx, command.login)
    if before is None:
        entered = await staffing.insert_staff(tx, row)
        if entered is not None:
            return await _tell(tx, by, None, entered), True
    before = before or await staffing.lock_staff(tx, command.login)
    assert before is not None
    _check_change(before, by, seen)
    changed = {name: value for name, value in facts.items() if before[name] != value}
    if not changed and not password:
        return before, False
    after = await staffing.update_staff(tx, before["id"], {**changed, **password})
    if password:
        await sessions.end_sessions(tx, subject=before["id"])
    return await _tell(tx, by, before, after), False


def _check_change(before: RowMapping, by: Administrator, seen: int | None) -> None:
    if not by.keeps(before["department"]):
        raise OutOfReach()
    if before["id"] == by.actor.subject:
        raise OwnRecord()
    if seen is not None:
        check_version(seen, before["version"])
    elif not by.is_operator:
        raise PreconditionRequired()
    if before["left_at"] is not None:
        raise StaffHasLeft()


async def _tell(tx: WriteTx, by: Administrator, before: RowMapping | None, after: RowMapping) -> RowMapping:
    await record_change(
        tx, by.actor, "entered" if before is None else "changed", kind="staff", record=after["login"], department=after["department"],
        before=before, after=after,
    )  # fmt: skip
    tx.emit(StaffChanged(**staff_state(after)))
    return after


def staff_state(row: RowMapping) -> dict[str, Any]:
    """A member's full state, as events carry it."""
    return {"staff_id": row["id"], **{str(name): row[name] for name in row if name not in ("id", "left_at")}}
