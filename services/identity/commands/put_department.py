"""Enter a department, or change its names, region or place below another."""

from dataclasses import asdict, dataclass

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import PreconditionRequired
from services.identity.commands.record_change import record_change
from services.identity.errors import OutOfReach, ParentInvalid
from services.identity.events import DepartmentChanged
from services.identity.queries.administrators import Administrator
from services.identity.store import staffing


@dataclass(frozen=True, slots=True)
class PutDepartment:
    uscc: str
    name: str
    region: str
    name_en: str | None = None
    parent: str | None = None


async def put_department(tx: WriteTx, command: PutDepartment, by: Administrator, *, seen: int | None = None) -> tuple[RowMapping, bool]:
    """The department and whether it is new. Nothing is written or told when it is so already.

    A staff administrator enters departments below their own and says which version they change.
    Raises OutOfReach, ParentInvalid, PreconditionRequired, PreconditionFailed.
    """
    await staffing.lock_department_tree(tx)
    facts = asdict(command)
    before = await staffing.lock_department(tx, command.uscc)
    if before is None:
        await _check_place(tx, command, by)
        await staffing.insert_department(tx, facts)
    else:
        if not by.keeps(command.uscc):
            raise OutOfReach()
        if seen is not None:
            check_version(seen, before["version"])
        elif not by.is_operator:
            raise PreconditionRequired()
        changed = {name: value for name, value in facts.items() if before[name] != value}
        if not changed:
            return before, False
        if "parent" in changed:
            await _check_place(tx, command, by)
        await staffing.update_department(tx, command.uscc, changed)
    after = await staffing.lock_department(tx, command.uscc)
    assert after is not None
    await record_change(
        tx, by.actor, "entered" if before is None else "changed", kind="department", record=command.uscc, department=command.uscc,
        before=before, after=after,
    )  # fmt: skip
    tx.emit(DepartmentChanged(**after))
    return after, before is None


async def _check_place(tx: WriteTx, command: PutDepartment, by: Administrator) -> None:
    if command.parent is None:
        if not by.is_operator:
            raise ParentInvalid("missing")
        return
    if command.parent in await staffing.departments_below(tx, command.uscc) or command.parent == command.uscc:
        raise ParentInvalid("circle")
    if not await staffing.departments_by_code(tx, [command.parent]):
        raise ParentInvalid("unknown")
    if not by.keeps(command.parent) or not by.reaches(command.region):
        raise OutOfReach()
