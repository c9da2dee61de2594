"""Enter many departments or staff members at once: each as if it were entered alone, all of them or none.

Lines that say what is so already are found in one look and cost nothing more, so a file is imported again in no time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.problems import Problem
from services.identity.commands.put_department import PutDepartment, put_department
from services.identity.commands.put_staff import PutStaff, put_staff
from services.identity.errors import DepartmentUnknown, OutOfReach, OwnRecord, ParentInvalid, StaffHasLeft
from services.identity.import_errors import ImportRefused, csv_fault
from services.identity.queries.administrators import Administrator, administrator
from services.identity.store import staffing

_COLUMNS: Mapping[type[Problem], str] = {
    DepartmentUnknown: "department", OutOfReach: "", OwnRecord: "login", ParentInvalid: "parent", StaffHasLeft: "login",
}  # fmt: skip
_REFUSALS = tuple(_COLUMNS)


@dataclass(slots=True)
class Counts:
    entered: int = 0
    changed: int = 0
    unchanged: int = 0


async def import_departments(tx: WriteTx, lines: Sequence[tuple[int, PutDepartment]], by: Administrator) -> Counts:
    """Parents before those below them, in whatever order the file has them.

    Raises ImportRefused with every line that may not be entered.
    """
    present = {row["uscc"]: row for row in await staffing.departments_by_code(tx, [command.uscc for _, command in lines])}
    counts, faults = Counts(), []
    for line, command in _parents_first(lines):
        row = present.get(command.uscc)
        if row is not None and _is_same(row, asdict(command)):
            counts.unchanged += 1
            continue
        try:
            _, is_new = await put_department(tx, command, by, seen=row["version"] if row is not None else None)
        except _REFUSALS as refused:
            faults.append(csv_fault(line, _COLUMNS[type(refused)], refused.slug))
            continue
        _count(counts, is_new=is_new)
        if is_new and not by.is_operator:
            by = await administrator(tx, by.actor)
    if faults:
        raise ImportRefused(errors=faults)
    return counts


async def import_staff(tx: WriteTx, lines: Sequence[tuple[int, PutStaff]], by: Administrator) -> Counts:
    """Raises ImportRefused with every line that may not be entered."""
    present = await staffing.staff_by_logins(tx, [command.login for _, command in lines])
    counts, faults = Counts(), []
    for line, command in lines:
        row = present.get(command.login)
        if row is not None and _is_same(row, command.facts()):
            counts.unchanged += 1
            continue
        try:
            _, is_new = await put_staff(tx, command, by, seen=row["version"] if row is not None else None)
        except _REFUSALS as refused:
            faults.append(csv_fault(line, _COLUMNS[type(refused)], refused.slug))
            continue
        _count(counts, is_new=is_new)
    if faults:
        raise ImportRefused(errors=faults)
    return counts


def _count(counts: Counts, *, is_new: bool) -> None:
    if is_new:
        counts.entered += 1
    else:
        counts.changed += 1


def _is_same(row: RowMapping, facts: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in facts.items())


def _parents_first(lines: Sequence[tuple[int, PutDepartment]]) -> list[tuple[int, PutDepartment]]:
    """Each after the one above it, where that is in the file too; a circle stays as it is and is refused when it is entered."""
    by_code = {command.uscc: (line, command) for line, command in lines}
    ordered: dict[str, tuple[int, PutDepartment]] = {}
    for line, command in lines:
        chain = [(line, command)]
        while (above := by_code.get(chain[-1][1].parent or "")) is not None and above not in chain:
            chain.append(above)
        for one in reversed(chain):
            ordered.setdefault(one[1].uscc, one)
    return list(ordered.values())
