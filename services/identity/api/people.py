"""Signing up."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import Field, SecretStr

from chassis.app import service_router
from chassis.clock import local_day
from chassis.edge import Writes
from chassis.schema import Body, View
from services.identity.api.access import AnyoneSignsUp
from services.identity.api.attempts import remember_person
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, seconds_to_wait_before, source_of
from services.identity.api.phones import PassedCheck, Phone, judge_check
from services.identity.api.verifications import BankCard, Liveness, VerificationView, card_of, verification_view
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.register_person import RegisterPerson, register_person
from services.identity.errors import CitizenIdInvalid, IdentityMismatch, TooManyAttempts, number_fault
from services.identity.rules.people import normal_name
from services.identity.rules.throttling import SIGN_UP_PER_SOURCE
from services.identity.rules.verification import Evidence, is_refuted
from standards import citizen_id
from standards.citizen_id import InvalidCitizenId, parse_citizen_id

router = service_router("people")

PersonName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
Password = Annotated[SecretStr, Field(min_length=8, max_length=128, description="At least 8 characters; any characters.")]


class SignUp(Body):
    name: PersonName
    citizen_id: str = Field(max_length=36, description="18 characters, GB 11643")
    phone: Phone
    phone_check: PassedCheck | None = Field(
        default=None, description="Shows the number to be yours. Without it the number opens nothing until it is confirmed"
    )
    password: Password
    bank_card: BankCard
    liveness_reference: Liveness


class PersonView(View):
    id: UUID
    name: str
    citizen_id_masked: str
    assurance: int = Field(description="1 self-asserted, 2 confirmed by the population base, 3 confirmed from afar")
    verification: VerificationView = Field(description="What the sources said, and how to be surer")


@dataclass(frozen=True, slots=True)
class _CheckedSignUp:
    command: RegisterPerson
    source_key: str
    source: str


async def _check(request: Request, body: SignUp, parts: PartsHere) -> _CheckedSignUp:
    """Everything that must happen before the transaction: the number, the attempts, the sources, the password's hash."""
    try:
        number = parse_citizen_id(body.citizen_id, today=local_day(parts.clock.now())).value
    except InvalidCitizenId as error:
        raise CitizenIdInvalid(errors=[number_fault("/citizen_id", error.reason)]) from error
    card = card_of(body.bank_card)
    source = source_of(request, parts.settings.trusted_proxies)
    key = f"sign-up:{parts.keys.blind_index('source', source)}"
    if seconds := await seconds_to_wait_before(parts, {key: SIGN_UP_PER_SOURCE}):
        raise TooManyAttempts(seconds)
    if body.phone_check is not None:
        await judge_check(parts, request, body.phone_check, body.phone)
    name = normal_name(body.name)
    checks = await parts.verifiers.verify_person(Evidence(name, number, body.phone, card, body.liveness_reference))
    if is_refuted(checks):
        raise IdentityMismatch()
    password_hash = await parts.passwords.hash(body.password.get_secret_value())
    check_id = body.phone_check.id if body.phone_check is not None else None
    command = RegisterPerson(name, number, body.phone, password_hash, tuple(checks), check_id)
    return _CheckedSignUp(command=command, source_key=key, source=source)


@router.post("/people", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def sign_up(_: AnyoneSignsUp, checked: Annotated[_CheckedSignUp, Depends(_check)], tx: Writes, parts: PartsHere) -> PersonView:
    """Register a person; one account per number.

    Name and citizen ID number are checked at the population base, and where that cannot answer, by card or face if given. Where no
    source can answer, the person goes on self-asserted and is told so in `verification`. The number is on record as confirmed with a
    `phone_check`, or where the bank knows it.
    """
    command = checked.command
    person_id = await register_person(tx, command, parts.keys)
    await forgive_source(tx, checked.source_key)
    await remember_person(tx, parts.keys, person_id, checked.source)
    return PersonView(
        id=person_id, name=command.name, citizen_id_masked=citizen_id.mask(command.citizen_id), assurance=command.assurance,
        verification=verification_view(command.assurance, command.checks),
    )  # fmt: skip
