"""Visits: a device scans a one code, and its clerk works with the person who is there until the visit is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Response
from pydantic import Field, SecretStr
from sqlalchemy import RowMapping

from chassis.access import AssuranceTooLow
from chassis.actor import Actor
from chassis.app import service_router
from chassis.audit import record_read
from chassis.database import ReadTx
from chassis.edge import Writes
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyDevice, CanAttend
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, seconds_to_wait_before
from services.identity.api.mandates import AppointmentBody, MandateView, limit_naming, person_named, shown, terms_of
from services.identity.api.verifications import VerificationView, evidence_of, verification_view
from services.identity.commands.appoint import Appoint, appoint
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.open_visit import OpenVisit, open_visit
from services.identity.commands.record_verification import record_verification
from services.identity.commands.register_person import citizen_id_context
from services.identity.errors import ClerkNeeded, DeviceRefused, OneCodeRefused, TooManyAttempts, VisitOver
from services.identity.parts import Parts
from services.identity.rules.clients import is_secret
from services.identity.rules.one_code import is_going_on
from services.identity.rules.people import VERIFIED
from services.identity.rules.throttling import SCANS_PER_DEVICE
from services.identity.rules.verification import IN_PERSON, Check
from services.identity.store import subjects, visits
from standards import citizen_id

router = service_router("visits")


class DeviceProof(Body):
    """What a device proves itself by; a window's device sends its clerk's access token as well."""

    device_id: UUID
    device_secret: SecretStr = Field(max_length=200)


class Scan(DeviceProof):
    code: SecretStr = Field(max_length=200, description="The text of the scanned QR code")


class VisitView(View):
    id: UUID
    person_id: UUID
    name: str
    citizen_id_masked: str
    assurance: int
    began_at: datetime
    ends_at: datetime
    closed_at: datetime | None


class FaceShown(Body):
    liveness_reference: str = Field(pattern=r"^[A-Za-z0-9._-]{8,128}$", description="Of a liveness check taken here, before the clerk")


class WindowAppointment(AppointmentBody):
    kind: Literal["agent", "helper"]


async def _proven(proof: DeviceProof, actor: Actor | None, parts: Parts) -> RowMapping:
    """The device, with its clerk where it is a window's. Raises DeviceRefused, ClerkNeeded."""
    async with parts.db.read() as tx:
        device = await visits.device(tx, proof.device_id)
    is_right = is_secret(proof.device_secret.get_secret_value(), device["secret_digest"] if device is not None else None)
    if device is None or not is_right or not device["is_active"]:
        raise DeviceRefused()
    if device["kind"] == "window":
        is_clerk = actor is not None and actor.kind == "staff" and "identity.window" in actor.scopes
        if actor is None or not is_clerk or actor.department != device["department"]:
            raise ClerkNeeded()
    return device


def _reader(device: RowMapping, actor: Actor | None) -> Actor:
    if actor is not None and device["kind"] == "window":
        return actor
    return Actor(device["id"], "system", device["name"], f"device:{device['code']}", frozenset(), department=device["department"])


@router.post("/visits", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def scan(actor: AnyDevice, body: Scan, parts: PartsHere) -> VisitView:
    """Scan a one code: the person is known to this device until the visit is over. A second showing is refused and reported."""
    device = await _proven(body, actor, parts)
    key = f"scan:{device['id']}"
    if seconds := await seconds_to_wait_before(parts, {key: SCANS_PER_DEVICE}):
        raise TooManyAttempts(seconds)
    reader = _reader(device, actor)
    clerk = reader.subject if reader.kind == "staff" else None
    async with parts.db.write() as tx:
        opened = await open_visit(tx, OpenVisit(body.code.get_secret_value(), device, reader, clerk))
        if isinstance(opened, UUID):
            await forgive_source(tx, key)
            return await _view(tx, opened, parts)
    raise OneCodeRefused(opened)


async def _view(tx: ReadTx, visit_id: UUID, parts: Parts) -> VisitView:
    visit = await visits.visit(tx, visit_id)
    assert visit is not None
    person = await subjects.person(tx, visit["person_id"])
    assert person is not None
    number = parts.keys.decrypt(person["citizen_id"], context=citizen_id_context(person["id"]))
    return VisitView(
        id=visit_id, person_id=person["id"], name=person["name"], citizen_id_masked=citizen_id.mask(number), assurance=person["assurance"],
        began_at=visit["began_at"], ends_at=visit["ends_at"], closed_at=visit["closed_at"],
    )  # fmt: skip


async def _attended(tx: ReadTx, visit_id: UUID, actor: Actor) -> RowMapping:
    """The visit, if it goes on in the clerk's department. Raises NotFound, VisitOver."""
    visit = await visits.visit(tx, visit_id)
    if visit is None or visit["department"] != actor.department:
        raise NotFound()
    if not is_going_on(ends_at=visit["ends_at"], closed_at=visit["closed_at"], now=tx.now):
        raise VisitOver()
    return visit


@router.get("/visits/{visit_id}")
async def read(actor: CanAttend, visit_id: UUID, tx: Writes, parts: PartsHere) -> VisitView:
    """Who is there, while the visit goes on; the reading is recorded."""
    visit = await _attended(tx, visit_id, actor)
    await record_read(tx, actor, subject=str(visit["person_id"]), fields=["name", "citizen_id_masked"], purpose="到访办理 visit")
    return await _view(tx, visit_id, parts)


@router.post("/visits/{visit_id}/close")
async def close(actor: AnyDevice, visit_id: UUID, body: DeviceProof, parts: PartsHere) -> VisitView:
    """End a visit before its time, at the device where it began."""
    device = await _proven(body, actor, parts)
    async with parts.db.write() as tx:
        visit = await visits.lock_visit(tx, visit_id)
        if visit is None or visit["device_id"] != device["id"]:
            raise NotFound()
        if not is_going_on(ends_at=visit["ends_at"], closed_at=visit["closed_at"], now=tx.now):
            raise VisitOver()
        await visits.close_visit(tx, visit_id)
        return await _view(tx, visit_id, parts)


@dataclass(frozen=True, slots=True)
class _SeenFace:
    person_id: UUID
    check: Check


async def _see_face(actor: CanAttend, visit_id: UUID, body: FaceShown, parts: PartsHere) -> _SeenFace:
    """What the face service says, asked before the transaction opens."""
    async with parts.db.read() as tx:
        visit = await _attended(tx, visit_id, actor)
        person = await subjects.person(tx, visit["person_id"])
    assert person is not None
    check = await parts.verifiers.verify_face(evidence_of(person, parts, liveness_reference=body.liveness_reference))
    return _SeenFace(person["id"], Check(IN_PERSON, check.finding))


@router.post("/visits/{visit_id}/verifications", status_code=201)
async def verify_in_person(seen: Annotated[_SeenFace, Depends(_see_face)], tx: Writes) -> VerificationView:
    """Confirm, before a clerk, that the face is that of the person who showed the code: assurance 4."""
    return verification_view(await record_verification(tx, seen.person_id, [seen.check]), [seen.check])


async def _naming(actor: CanAttend, parts: PartsHere) -> Actor:
    await limit_naming(actor, parts)
    return actor


@router.post("/visits/{visit_id}/mandates", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def appoint_at_window(
    actor: Annotated[Actor, Depends(_naming)], visit_id: UUID, body: WindowAppointment, tx: Writes, parts: PartsHere, response: Response
) -> MandateView:
    """Let somebody act for the person who is there and showed their one code; the clerk enters it in their name."""
    visit = await _attended(tx, visit_id, actor)
    person = await subjects.person(tx, visit["person_id"])
    assert person is not None
    if person["assurance"] < VERIFIED:
        raise AssuranceTooLow(needed=VERIFIED, actual=person["assurance"])
    agent = await person_named(tx, parts, body.agent, "/agent")
    terms = terms_of(body, "person", tx.now)
    return await shown(tx, await appoint(tx, Appoint(person["id"], agent, terms, "window", actor.subject, visit_id=visit_id)), response)
