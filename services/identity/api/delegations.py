"""Delegations ("one pen", leave cover), and what staff may do with them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import Field, SecretStr
from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.app import service_router
from chassis.asking import AT_ONCE
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, CursorInvalid, Cursors, Limit, Page
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import CanAdminister, CanAskStandings, CanDelegate, CanSeeDelegation
from services.identity.api.departments import RegionCode
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, seconds_to_wait_before
from services.identity.api.staff import ItemCodes, ItemDepartments, Post, StaffLogin, kept_member
from services.identity.commands.delegate import Delegate, delegate
from services.identity.commands.revoke_delegation import may_see, revoke_delegation
from services.identity.errors import NotConfirmed, TooManyAttempts
from services.identity.queries.administrators import administrator
from services.identity.queries.authority import authorities
from services.identity.rules.authority import Authority
from services.identity.rules.throttling import SIGN_IN_PER_ACCOUNT
from services.identity.store import staffing, subjects

router = service_router("delegations")


class DelegationBody(Body):
    delegate: str = Field(max_length=64, description="Login of the member who is to act")
    posts: list[Post] = Field(min_length=1, max_length=20, description="Of your own")
    region: RegionCode
    grade: int = Field(ge=0, le=3, description="The most; never more than your own")
    item_departments: ItemDepartments = None
    item_codes: ItemCodes = None
    reason: Literal["leave", "one_pen", "other"]
    note: str = Field(default="", max_length=500)
    valid_from: date
    valid_until: date = Field(description="The last day, included; at most a year")
    password: SecretStr = Field(min_length=1, max_length=128, description="Your sign-in password: your signature under this record")


class RevocationBody(Body):
    reason: str = Field(min_length=1, max_length=500)


class DelegationView(View):
    id: UUID
    delegator: UUID
    delegate: UUID
    department: str
    posts: list[str]
    region: str
    grade: int
    item_departments: list[str] | None
    item_codes: list[str] | None
    reason: str
    note: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    revoked_at: datetime | None
    revoked_by: UUID | None
    revocation_reason: str | None
    version: int


class GrantView(View):
    department: str
    post: str
    region: str
    grade: int
    departments: list[str] | None = Field(description="Only for items of these departments; null: of every")
    items: list[str] | None = Field(description="Only for these items; null: every")
    delegation: UUID | None = Field(description="The delegation it comes from; null: one's own")


class StandingView(View):
    """What a staff member may do now. `stamp` is what their tokens must carry."""

    id: UUID
    stamp: str
    department: str
    region: str
    posts: list[str] = Field(description="Of their own office")
    grade: int
    grants: list[GrantView]


class StandingsView(View):
    data: list[StandingView]


async def _confirmed(request: Request, body: DelegationBody, parts: PartsHere) -> None:
    """The delegator's own hand: `actor` is named before this in the route. Raises TooManyAttempts, NotConfirmed."""
    actor: Actor = request.state.access
    async with parts.db.read() as tx:
        me = await subjects.staff_member(tx, actor.subject)
    if seconds := await seconds_to_wait_before(parts, {f"confirm:{actor.subject}": SIGN_IN_PER_ACCOUNT}):
        raise TooManyAttempts(seconds)
    if me is None or not await parts.passwords.is_right(me["password_hash"], body.password.get_secret_value()):
        raise NotConfirmed()


@router.post("/delegations", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def grant(
    actor: CanDelegate, body: DelegationBody, confirmed: Annotated[None, Depends(_confirmed)], tx: Writes, response: Response
) -> DelegationView:
    """Hand on a part of your own authority for some days. What was delegated to you cannot be handed on."""
    facts = body.model_dump(exclude={"password"})
    lists: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return _answer(await delegate(tx, Delegate(**lists), actor), response)


@router.get("/delegations")
async def own(
    actor: CanDelegate,
    request: Request,
    tx: Reads,
    role: Annotated[Literal["given", "received"], Query(description="Those you gave, or those you received")] = "received",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DelegationView]:
    """Your delegations, newest first, over and revoked ones too."""
    cursors = request.app.state.runtime.cursors(f"delegations:{actor.subject}:{role}")
    side = {"delegator" if role == "given" else "delegate": actor.subject}
    return _page(cursors, await staffing.delegations_after(tx, _position(cursors.open(cursor)), limit + 1, **side), limit)


@router.get("/delegations/{delegation_id}")
async def one(actor: CanSeeDelegation, delegation_id: UUID, tx: Reads, response: Response) -> DelegationView:
    """One delegation, for its two parties and the administrators of its department."""
    row = await staffing.delegation(tx, delegation_id)
    if row is None or not may_see(row, await administrator(tx, actor)):
        raise NotFound()
    return _answer(row, response)


@router.post("/delegations/{delegation_id}/revoke")
async def revoke(
    actor: CanSeeDelegation, delegation_id: UUID, body: RevocationBody, seen: IfMatch, tx: Writes, response: Response
) -> DelegationView:
    """Take back, give back, or (administrators) end a delegation: it does not count for the delegate's next request."""
    by = await administrator(tx, actor)
    return _answer(await revoke_delegation(tx, delegation_id, by, reason=body.reason, seen=seen), response)


@router.get("/staff/{login}/delegations")
async def of_member(
    actor: CanAdminister, login: StaffLogin, request: Request, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[DelegationView]:
    """What a member gave and received, newest first."""
    row = await kept_member(tx, login, await administrator(tx, actor))
    cursors = request.app.state.runtime.cursors(f"delegations:{row['id']}")
    position = _position(cursors.open(cursor))
    rows = await staffing.delegations_after(tx, position, limit + 1, delegator=row["id"], delegate=row["id"])
    return _page(cursors, rows, limit)


@router.get("/staff/{login}/authority")
async def authority_of_member(actor: CanAdminister, login: StaffLogin, tx: Reads) -> StandingView:
    """What a member may do now, delegated authority too."""
    row = await kept_member(tx, login, await administrator(tx, actor))
    found = (await authorities(tx, [row["id"]])).get(row["id"])
    if found is None:
        raise NotFound()
    return standing_view(row["id"], found)


@router.get("/authority")
async def own_authority(actor: CanDelegate, tx: Reads) -> StandingView:
    """What you may do now, delegated authority too."""
    return standing_view(actor.subject, (await authorities(tx, [actor.subject]))[actor.subject])


@router.get("/standings")
async def standings(_: CanAskStandings, tx: Reads, of: Annotated[list[UUID], Query(min_length=1, max_length=AT_ONCE)]) -> StandingsView:
    """For the suite's services, at every request of a staff member: what each of these may do now. Who may nothing is left out."""
    return StandingsView(data=[standing_view(staff_id, found) for staff_id, found in (await authorities(tx, of)).items()])


def standing_view(staff_id: UUID, authority: Authority) -> StandingView:
    own = authority.own
    grants = [
        GrantView(
            department=grant.department,
            post=grant.post,
            region=grant.region,
            grade=grant.grade,
            departments=None if grant.items.departments is None else sorted(grant.items.departments),
            items=None if grant.items.codes is None else sorted(grant.items.codes),
            delegation=grant.delegation,
        )
        for grant in authority.grants
    ]
    grants.sort(key=lambda grant: (grant.delegation is not None, grant.post, str(grant.delegation)))
    return StandingView(
        id=staff_id, stamp=authority.stamp, department=own.department, region=own.region, posts=sorted(own.posts), grade=own.grade,
        grants=grants,
    )  # fmt: skip


def _page(cursors: Cursors, rows: Sequence[RowMapping], limit: int) -> Page[DelegationView]:
    page: Page[DelegationView] = cursors.page(
        rows, limit, position=lambda row: [str(row["id"])], shape=lambda row: DelegationView.model_validate(dict(row))
    )  # fmt: skip
    return page


def _position(opened: list[Any] | None) -> UUID | None:
    if opened is None:
        return None
    try:
        return UUID(str(opened[0]))
    except (ValueError, IndexError) as error:
        raise CursorInvalid() from error


def _answer(row: RowMapping, response: Response) -> DelegationView:
    response.headers["ETag"] = etag(row["version"])
    return DelegationView.model_validate(dict(row))
