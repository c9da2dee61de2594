"""Being verified: what each source said, how sure we are now, and how to be surer (step-up)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import Field
from sqlalchemy import RowMapping

from chassis import context
from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import NotFound, Text
from chassis.schema import Body, View
from services.identity.api.access import IsSelf
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, Running, seconds_to_wait_before
from services.identity.commands.record_verification import record_verification
from services.identity.commands.register_person import citizen_id_context, phone_context
from services.identity.errors import BankCardInvalid, NothingToVerify, TooManyAttempts, number_fault
from services.identity.parts import Parts
from services.identity.rules.throttling import VERIFICATIONS_PER_PERSON
from services.identity.rules.verification import Check, Evidence, Verdict, verdict_of, ways_to
from services.identity.store import subjects, verifications
from standards.bank_card import InvalidBankCard, parse_bank_card

router = service_router("verifications")

BankCard = Annotated[str | None, Field(default=None, max_length=40, description="Of a card whose bank has your present phone number.")]
LIVENESS = r"^[A-Za-z0-9._-]{8,128}$"
Liveness = Annotated[
    str | None,
    Field(default=None, pattern=LIVENESS, description="Reference of a liveness check just passed at the face service."),
]

NOTICES: dict[Verdict, Text] = {
    "confirmed": Text("核验通过。", "You are verified."),
    "refuted": Text("所填信息与核验渠道的记录不一致，等级未提升。", "A source says that this does not belong together; your level stays."),
    "not-known": Text(
        "核验渠道查无记录，您可以继续办理等级要求较低的事项，稍后再核验。",
        "No source knows you yet. You can go on with what needs a lower level, and verify later.",
    ),
    "unavailable": Text(
        "核验渠道暂时都不可用，您可以继续办理等级要求较低的事项，稍后再核验。",
        "No source can be asked just now. You can go on with what needs a lower level, and verify later.",
    ),
}


class CheckView(View):
    source: str
    finding: str = Field(description="match, mismatch, unknown or unreachable")


class VerificationView(View):
    """What a verification came to. `ways_up` names the verifications that reach the next level."""

    assurance: int = Field(description="1 self-asserted, 2 name and number belong together, 3 from afar, 4 in person with the face")
    verdict: Verdict
    notice: str
    checks: list[CheckView]
    ways_up: list[str]


class RecordedCheckView(CheckView):
    id: UUID
    level: int = Field(description="What it was worth; 0 for anything but a match")
    checked_at: datetime


class VerificationClaim(Body):
    """Nothing: the population base is asked. One or both: their sources are, until one answers."""

    bank_card: BankCard
    liveness_reference: Liveness


def verification_view(assurance: int, checks: Sequence[Check]) -> VerificationView:
    verdict = verdict_of(checks)
    return VerificationView(
        assurance=assurance,
        verdict=verdict,
        notice=NOTICES[verdict].render(context.language(), {}),
        checks=[CheckView(source=check.source, finding=check.finding) for check in checks],
        ways_up=list(ways_to(assurance + 1)),
    )


def card_of(text: str | None) -> str | None:
    """The card number in its one form. Raises BankCardInvalid."""
    try:
        return parse_bank_card(text) if text is not None else None
    except InvalidBankCard as error:
        raise BankCardInvalid(errors=[number_fault("/bank_card", f"card_{error.reason}")]) from error


def evidence_of(person: RowMapping, parts: Parts, *, bank_card: str | None = None, liveness_reference: str | None = None) -> Evidence:
    """What a source is asked with about somebody registered."""
    return Evidence(
        name=person["name"],
        citizen_id=parts.keys.decrypt(person["citizen_id"], context=citizen_id_context(person["id"])),
        phone=parts.keys.decrypt(person["phone"], context=phone_context(person["id"])),
        bank_card=bank_card,
        liveness_reference=liveness_reference,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asked to be verified, and what the sources said."""

    person_id: UUID
    checks: list[Check]


async def _ask(actor: IsSelf, body: VerificationClaim, parts: PartsHere) -> _Asked:
    """What the sources say, asked before the transaction opens."""
    card = card_of(body.bank_card)
    async with parts.db.read() as tx:
        person = await subjects.person(tx, actor.subject)
    if person is None:
        raise NotFound()
    evidence = evidence_of(person, parts, bank_card=card, liveness_reference=body.liveness_reference)
    if not parts.verifiers.sources_for(evidence, above=person["assurance"]):
        raise NothingToVerify(assurance=person["assurance"], ways_up=list(ways_to(person["assurance"] + 1)))
    key = f"verify:{actor.subject}"
    if seconds := await seconds_to_wait_before(parts, {key: VERIFICATIONS_PER_PERSON}):
        raise TooManyAttempts(seconds)
    return _Asked(actor.subject, await parts.verifiers.verify_person(evidence, above=person["assurance"]))


@router.post("/me/verifications", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def step_up(asked: Annotated[_Asked, Depends(_ask)], tx: Writes) -> VerificationView:
    """Be verified again, by something that is worth more. What each source said is recorded, what it was asked with is not.

    A new level is in the next access token.
    """
    level = await record_verification(tx, asked.person_id, asked.checks)
    return verification_view(level, asked.checks)


@router.get("/me/verifications")
async def list_own(actor: IsSelf, tx: Reads, running: Running, limit: Limit = 20, cursor: Cursor = None) -> Page[RecordedCheckView]:
    """What sources said of you so far, newest first."""
    cursors = running.cursors(f"verifications:{actor.subject}")
    position = cursors.open(cursor)
    rows = await verifications.verifications_of(tx, actor.subject, limit=limit + 1, before=UUID(position[0]) if position else None)
    page: Page[RecordedCheckView] = cursors.page(
        rows, limit, position=lambda row: (str(row["id"]),), shape=lambda row: RecordedCheckView.model_validate(dict(row))
    )
    return page
