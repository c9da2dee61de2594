"""Staff: who works for which department, where, at which posts, for which items; who has left; new passwords."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response
from pydantic import Field, SecretStr
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import IfMatch, IfMatchOrNew, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyoneWithSecret, CanAdminister
from services.identity.api.departments import RegionCode
from services.identity.api.edge import CREATED, SECRET_REFUSED, PartsHere, SecretWrites, seconds_to_wait_before, source_of
from services.identity.api.people import Password, PersonName
from services.identity.commands.leave_office import leave_office, return_to_office
from services.identity.commands.one_time_secrets import choose_password, reset_password
from services.identity.commands.put_staff import PutStaff, put_staff
from services.identity.errors import PasswordNotYours, TooManyAttempts
from services.identity.queries.administrators import Administrator, administrator
from services.identity.rules.throttling import SIGN_IN_PER_SOURCE
from services.identity.store import staffing, subjects

router = service_router("staff")

StaffLogin = Annotated[str, Path(pattern=r"^[a-z][a-z0-9._-]{1,63}$")]
Post = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Uscc = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$")]
ItemCode = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f]+$")]
ItemDepartments = Annotated[list[Uscc] | None, Field(max_length=100, description="Only for items of these departments; null: of every")]
ItemCodes = Annotated[list[ItemCode] | None, Field(max_length=500, description="Only for these items, by local code; null: every")]


class StaffBody(Body):
    name: PersonName
    department: str = Field(max_length=18, description="USCC of the department")
    region: RegionCode
    posts: list[Post] = Field(max_length=20, description="`window`, `reviewer`, `decider`, `administrator`, …")
    grade: int = Field(ge=0, le=3, description="Authority grade: how many pairs of hands this one completes")
    item_departments: ItemDepartments = None
    item_codes: ItemCodes = None
    password: Password | None = Field(
        default=None, description="For the operator's loading; administrators reset it. Left out: the present one stays"
    )


class StaffView(View):
    id: UUID
    login: str
    name: str
    department: str
    region: str
    posts: list[str]
    grade: int
    item_departments: list[str] | None
    item_codes: list[str] | None
    version: int
    left_at: datetime | None


class SecretView(View):
    secret: str = Field(description="Shown this once; hand it over in person")
    expires_at: datetime


class NewPasswordBody(Body):
    secret: SecretStr = Field(min_length=20, max_length=100, description="The one-time secret an administrator handed over")
    password: Password


async def _new_password_hash(request: Request, login: StaffLogin, body: StaffBody, parts: PartsHere) -> str | None:
    """None where none was given, or the same as now: entering the same member again ends nobody's sign-in.

    The route names its access rule before this. Raises PasswordNotYours for an administrator.
    """
    if body.password is None:
        return None
    if request.state.access.kind == "staff":
        raise PasswordNotYours()
    password = body.password.get_secret_value()
    async with parts.db.read() as tx:
        member = await subjects.staff_by_login(tx, login)
    if member is not None and member["password_hash"] and await parts.passwords.is_right(member["password_hash"], password):
        return None
    return await parts.passwords.hash(password)


def _command(login: str, body: StaffBody, password_hash: str | None) -> PutStaff:
    facts = body.model_dump(exclude={"password"})
    lists: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return PutStaff(login=login, password_hash=password_hash, **lists)


@router.put("/staff/{login}", responses=CREATED)
async def put(
    actor: CanAdminister,
    login: StaffLogin,
    body: StaffBody,
    password_hash: Annotated[str | None, Depends(_new_password_hash)],
    seen: IfMatchOrNew,
    tx: Writes,
    response: Response,
) -> StaffView:
    """Enter a staff member or change what they do: it counts from their next request on. A new password ends their sign-ins.

    An administrator changes a member with If-Match; the operator's loading may leave it out.
    """
    row, is_new = await put_staff(tx, _command(login, body, password_hash), await administrator(tx, actor), seen=seen)
    if is_new:
        response.status_code = 201
    return _answer(row, response)


@router.get("/staff")
async def staff(
    actor: CanAdminister,
    request: Request,
    tx: Reads,
    department: Annotated[str | None, Query(max_length=18, description="USCC: only its own staff")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[StaffView]:
    """The staff of the departments you keep, by login."""
    cursors = request.app.state.runtime.cursors(f"staff:{department}")
    position = cursors.open(cursor)
    by = await administrator(tx, actor)
    rows = await staffing.staff_after(tx, position[0] if position else "", limit + 1, reach=by.departments, department=department)
    page: Page[StaffView] = cursors.page(
        rows, limit, position=lambda row: [row["login"]], shape=lambda row: StaffView.model_validate(dict(row))
    )  # fmt: skip
    return page


@router.get("/staff/{login}")
async def member(actor: CanAdminister, login: StaffLogin, tx: Reads, response: Response) -> StaffView:
    """One member of the departments you keep."""
    return _answer(await kept_member(tx, login, await administrator(tx, actor)), response)


@router.post("/staff/{login}/leave")
async def leave(actor: CanAdminister, login: StaffLogin, seen: IfMatch, tx: Writes, response: Response) -> StaffView:
    """They leave: sign-ins end, and nothing they hold, gave or received by delegation counts from this moment on."""
    return _answer(await leave_office(tx, login, await administrator(tx, actor), seen=seen), response)


@router.post("/staff/{login}/return")
async def come_back(actor: CanAdminister, login: StaffLogin, seen: IfMatch, tx: Writes, response: Response) -> StaffView:
    """They return to the office they left."""
    return _answer(await return_to_office(tx, login, await administrator(tx, actor), seen=seen), response)


@router.post("/staff/{login}/password-reset")
async def reset(actor: CanAdminister, login: StaffLogin, tx: SecretWrites) -> SecretView:
    """End the present password and every sign-in; the answer's secret lets the member choose a new one, once, within 24 hours."""
    made = await reset_password(tx, login, await administrator(tx, actor))
    return SecretView(secret=made.secret, expires_at=made.expires_at)


async def hash_for_secret(request: Request, password: str, parts: PartsHere) -> str:
    """Attempts are counted before the costly hashing. Raises TooManyAttempts."""
    source = f"secret:{parts.keys.blind_index('source', source_of(request, parts.settings.trusted_proxies))}"
    if seconds := await seconds_to_wait_before(parts, {source: SIGN_IN_PER_SOURCE}):
        raise TooManyAttempts(seconds)
    return await parts.passwords.hash(password)


async def _chosen_hash(request: Request, body: NewPasswordBody, parts: PartsHere) -> str:
    return await hash_for_secret(request, body.password.get_secret_value(), parts)


@router.post("/staff/{login}/password", status_code=204, responses=SECRET_REFUSED)
async def choose(
    _: AnyoneWithSecret,
    login: StaffLogin,
    body: NewPasswordBody,
    password_hash: Annotated[str, Depends(_chosen_hash)],
    tx: SecretWrites,
) -> None:
    """Choose your password with the one-time secret from your administrator."""
    await choose_password(tx, login, body.secret.get_secret_value(), password_hash)


async def kept_member(tx: Reads, login: str, by: Administrator) -> RowMapping:
    """Raises NotFound."""
    row = (await staffing.staff_by_logins(tx, [login])).get(login)
    if row is None or not by.keeps(row["department"]):
        raise NotFound()
    return row


def _answer(row: RowMapping, response: Response) -> StaffView:
    response.headers["ETag"] = etag(row["version"])
    return StaffView.model_validate(dict(row))
