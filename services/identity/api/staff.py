"""Staff: who works for which department, where, at which posts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Response
from pydantic import Field

from chassis.app import service_router
from chassis.edge import Writes
from chassis.schema import Body, View
from services.identity.api.access import CanAdminister
from services.identity.api.departments import RegionCode
from services.identity.api.edge import CREATED, PartsHere
from services.identity.api.people import Password, PersonName
from services.identity.commands.put_staff import PutStaff, put_staff
from services.identity.store import subjects

router = service_router("staff")

StaffLogin = Annotated[str, Path(pattern=r"^[a-z][a-z0-9._-]{1,63}$")]
Post = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class StaffBody(Body):
    name: PersonName
    department: str = Field(max_length=18, description="USCC of the department")
    region: RegionCode
    posts: list[Post] = Field(max_length=20, description="`window`, `reviewer`, `decider`, …")
    grade: int = Field(ge=0, le=3, description="Authority grade: how many pairs of hands this one completes")
    password: Password | None = Field(default=None, description="Left out: the present one stays")


class StaffView(View):
    id: UUID
    login: str
    name: str
    department: str
    region: str
    posts: list[str]
    grade: int


async def _new_password_hash(login: StaffLogin, body: StaffBody, parts: PartsHere) -> str | None:
    """None where none was given, or the same as now: entering the same member again ends nobody's sign-in."""
    if body.password is None:
        return None
    password = body.password.get_secret_value()
    async with parts.db.read() as tx:
        member = await subjects.staff_by_login(tx, login)
    if member is not None and member["password_hash"] and await parts.passwords.is_right(member["password_hash"], password):
        return None
    return await parts.passwords.hash(password)


@router.put("/staff/{login}", responses=CREATED)
async def put(
    _: CanAdminister,
    login: StaffLogin,
    body: StaffBody,
    password_hash: Annotated[str | None, Depends(_new_password_hash)],
    tx: Writes,
    response: Response,
) -> StaffView:
    """Enter a staff member or change what they do. A new password ends their sign-ins."""
    facts = body.model_dump(exclude={"password"})
    command = PutStaff(login=login, password_hash=password_hash, **{**facts, "posts": tuple(body.posts)})
    staff_id, is_new = await put_staff(tx, command)
    if is_new:
        response.status_code = 201
    return StaffView(id=staff_id, login=login, **facts)
