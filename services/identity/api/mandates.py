"""Acting for others: who may act for me, for whom may I act, and how that begins and ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime, Field

from chassis.actor import Actor
from chassis.app import service_router
from chassis.clock import local_day
from chassis.database import WriteTx
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.identity.api.access import CanAppoint, CanEnterRecords
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, Running, seconds_to_wait_before
from services.identity.api.people import PersonName
from services.identity.commands.appoint import Appoint, appoint
from services.identity.commands.end_mandate import end_by_record, end_own
from services.identity.errors import CitizenIdInvalid, OnlyTheRepresentative, PersonUnknown, TooManyAttempts, number_fault
from services.identity.parts import Parts
from services.identity.queries.people import find_named
from services.identity.rules.mandates import MOST_ITEMS, Terms
from services.identity.rules.throttling import NAMED_PEOPLE_PER_PERSON
from services.identity.store import mandates, subjects
from standards.citizen_id import InvalidCitizenId, parse_citizen_id

router = service_router("mandates")

ItemCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Scopes = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20)]


class NamedPerson(Body):
    """Somebody with an account, by name and number."""

    name: PersonName
    citizen_id: str = Field(max_length=36, description="18 characters, GB 11643")


class Duration(Body):
    begins_at: AwareDatetime | None = Field(default=None, description="Left out: now")
    ends_at: AwareDatetime | None = Field(
        default=None, description="Demanded of all but guardians: at most three years (handler) or six months"
    )


class AppointmentBody(Duration):
    """A handler of an organisation for items (none: any) and scopes; an agent or village helper of a citizen for one item."""

    kind: Literal["handler", "agent", "helper"]
    agent: NamedPerson
    scopes: Scopes = Field(default_factory=list, description="Left out: what is usual; never more than the kind may have")
    items: list[ItemCode] = Field(default_factory=list, max_length=MOST_ITEMS)


class GuardianshipBody(Duration):
    """As a court or the population base has recorded it."""

    ward: NamedPerson
    guardian: NamedPerson
    record_number: str = Field(
        min_length=4, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$", description="Of the judgment or the base's record"
    )


class MandateView(View):
    """`ended_at` null and times around now: it holds."""

    id: UUID
    version: int
    kind: str
    principal: UUID
    principal_kind: str
    principal_name: str
    agent: UUID
    agent_name: str
    scopes: list[str]
    items: list[str] = Field(description="The only ones; empty: any")
    begins_at: datetime
    ends_at: datetime | None
    made_by: str = Field(description="`principal` online, `window` with the principal's one code, `record`")
    record_number: str | None
    appointed_at: datetime
    ended_at: datetime | None
    end_reason: str | None


async def person_named(tx: WriteTx, parts: Parts, person: NamedPerson, pointer: str) -> UUID:
    """Raises CitizenIdInvalid, PersonUnknown."""
    try:
        number = parse_citizen_id(person.citizen_id, today=local_day(tx.now)).value
    except InvalidCitizenId as error:
        raise CitizenIdInvalid(errors=[number_fault(f"{pointer}/citizen_id", error.reason)]) from error
    found = await find_named(tx, parts.keys, name=person.name, citizen_id=number)
    if found is None:
        raise PersonUnknown(pointer)
    return found


async def limit_naming(actor: Actor, parts: Parts) -> None:
    """Naming people tells whether a name and a number belong together. Raises TooManyAttempts."""
    if seconds := await seconds_to_wait_before(parts, {f"naming:{actor.person}": NAMED_PEOPLE_PER_PERSON}):
        raise TooManyAttempts(seconds)


async def _naming(actor: CanAppoint, parts: PartsHere) -> Actor:
    await limit_naming(actor, parts)
    return actor


def terms_of(body: AppointmentBody, principal_kind: Literal["person", "organisation"], now: datetime) -> Terms:
    return Terms(body.kind, principal_kind, frozenset(body.scopes), tuple(body.items), body.begins_at or now, body.ends_at)


@router.post("/me/mandates", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def appoint_own(
    actor: Annotated[Actor, Depends(_naming)], body: AppointmentBody, tx: Writes, parts: PartsHere, response: Response
) -> MandateView:
    """Let somebody act for you, or (with the organisation's token, as its legal representative) for the organisation.

    They exchange their own token for one with you as its subject and themselves in `act`.
    """
    if actor.kind == "organisation":
        await _demand_representative(tx, actor)
    principal_kind: Literal["person", "organisation"] = "organisation" if actor.kind == "organisation" else "person"
    agent = await person_named(tx, parts, body.agent, "/agent")
    command = Appoint(actor.subject, agent, terms_of(body, principal_kind, tx.now), made_by="principal", maker=actor.person)
    return await shown(tx, await appoint(tx, command), response)


async def _demand_representative(tx: WriteTx, actor: Actor) -> None:
    """A handler hands nothing on. Raises OnlyTheRepresentative."""
    if await subjects.representative(tx, actor.subject) != actor.person:
        raise OnlyTheRepresentative()


async def shown(tx: WriteTx, mandate_id: UUID, response: Response) -> MandateView:
    row = await mandates.mandate(tx, mandate_id)
    assert row is not None
    response.headers["ETag"] = etag(row["version"])
    return _view(row)


def _view(row: Mapping[Any, Any]) -> MandateView:
    return MandateView.model_validate({str(name): value for name, value in row.items() if name in MandateView.model_fields})


@router.get("/me/mandates")
async def list_own(
    actor: CanAppoint,
    tx: Reads,
    running: Running,
    role: Annotated[Literal["principal", "agent"], Query(description="principal: who may act for me; agent: for whom may I act")],
    history: Annotated[bool, Query(description="Those that ended as well")] = False,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[MandateView]:
    """Mandates you gave or hold, newest first."""
    cursors = running.cursors(f"mandates:{actor.subject}:{role}:{history}")
    position = cursors.open(cursor)
    rows = await mandates.mandates_of(
        tx, actor.subject, role=role, with_history=history, limit=limit + 1, before=UUID(position[0]) if position else None
    )
    page: Page[MandateView] = cursors.page(rows, limit, position=lambda row: (str(row["id"]),), shape=_view)
    return page


@router.post("/me/mandates/{mandate_id}/end")
async def end(actor: CanAppoint, mandate_id: UUID, seen: IfMatch, tx: Writes, response: Response) -> MandateView:
    """End a mandate you gave, or lay down one you hold. Tokens issued upon it are refused from the very next request."""
    if actor.kind == "organisation":
        await _demand_representative(tx, actor)
    await end_own(tx, mandate_id, by=actor.subject, person=actor.person, seen=seen)
    return await shown(tx, mandate_id, response)


@router.post("/guardianships", status_code=201)
async def record_guardianship(
    actor: CanEnterRecords, body: GuardianshipBody, tx: Writes, parts: PartsHere, response: Response
) -> MandateView:
    """Enter a guardian appointed by a court or known to the base; only a record ends it again. Without an end: until then."""
    ward = await person_named(tx, parts, body.ward, "/ward")
    guardian = await person_named(tx, parts, body.guardian, "/guardian")
    terms = Terms("guardian", "person", frozenset(), (), body.begins_at or tx.now, body.ends_at)
    command = Appoint(ward, guardian, terms, made_by="record", maker=actor.subject, record_number=body.record_number)
    return await shown(tx, await appoint(tx, command), response)


@router.post("/mandates/{mandate_id}/end")
async def end_of_record(actor: CanEnterRecords, mandate_id: UUID, seen: IfMatch, tx: Writes, response: Response) -> MandateView:
    """End any mandate because a record says so: a guardianship that ended, a principal who died."""
    await end_by_record(tx, mandate_id, maker=actor.subject, seen=seen)
    return await shown(tx, mandate_id, response)
