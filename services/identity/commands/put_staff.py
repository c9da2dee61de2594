"""Enter somebody who works for a department, or change what they do there."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.database import WriteTx
from services.identity.errors import DepartmentUnknown
from services.identity.store import sessions, subjects


@dataclass(frozen=True, slots=True)
class PutStaff:
    """`password_hash` is None to keep the present password (a new member then cannot sign in yet)."""

    login: str
    name: str
    department: str
    region: str
    posts: tuple[str, ...]
    grade: int
    password_hash: str | None = field(repr=False)


async def put_staff(tx: WriteTx, command: PutStaff) -> tuple[UUID, bool]:
    """The member's id and whether it is new. A new password ends every sign-in made with the old. Raises DepartmentUnknown."""
    if await subjects.department(tx, command.department) is None:
        raise DepartmentUnknown()
    row = {
        "id": tx.clock.new_id(),
        "login": command.login,
        "name": command.name,
        "department": command.department,
        "region": command.region,
        "posts": list(command.posts),
        "grade": command.grade,
        "password_hash": command.password_hash,
    }
    member = await subjects.put_staff(tx, row)
    if command.password_hash is not None:
        await sessions.end_sessions(tx, subject=member["id"])
    return member["id"], member["is_new"]
