"""Getting back in: a one-time code to the account's confirmed phone, and a new password.

The answers never say whether there is such an account. Whoever asks gets an id of their own, and tries count against that id: nobody
uses up another's.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request
from pydantic import Field, SecretStr

from chassis.app import service_router
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyoneRecovers, IsSelf
from services.identity.api.attempts import begin_attempt, remember_person
from services.identity.api.edge import TOO_MANY_ATTEMPTS, PartsHere, SecretWrites, seconds_to_wait_before, source_of
from services.identity.api.people import Password
from services.identity.commands.change_password import change_password
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.one_time_codes import make_code, take_code
from services.identity.commands.register_person import phone_context
from services.identity.errors import OneTimeCodeRefused, TooManyAttempts
from services.identity.parts import Parts
from services.identity.queries.principals import find_account
from services.identity.rules.one_time_codes import LIFETIME, Purpose
from services.identity.rules.people import Login, mask_phone, parse_login
from services.identity.rules.throttling import CODE_TRIES_PER_SOURCE, CODES_PER_ACCOUNT, CODES_PER_SOURCE
from services.identity.store import recoveries, subjects

router = service_router("recovery")

Code = Annotated[SecretStr, Field(min_length=6, max_length=6, description="The six digits of the message")]


class RecoveryBody(Body):
    login: str = Field(max_length=64, description="Citizen ID number or mobile number")


class RecoveryView(View):
    """Always the same, whether or not a message is sent: only to an account's confirmed phone."""

    id: UUID = Field(description="To be sent back with the code")
    expires_at: datetime


class PhoneConfirmationView(RecoveryView):
    phone_masked: str


class NewPassword(Body):
    code: Code
    password: Password


class ConfirmedCode(Body):
    code: Code


_TEXTS: dict[Purpose, str] = {
    "recovery": "【通办】找回密码验证码 {code}，10 分钟内有效。如非本人操作请忽略，切勿告诉他人。",
    "phone": "【通办】手机号确认验证码 {code}，10 分钟内有效。切勿告诉他人。",
}


@router.post("/recoveries", status_code=202, responses=TOO_MANY_ATTEMPTS)
async def begin(_: AnyoneRecovers, request: Request, body: RecoveryBody, parts: PartsHere, later: BackgroundTasks) -> RecoveryView:
    """Ask for a code to set a new password with. Nothing changes until it is used: the present password stays good."""
    typed = parse_login(body.login)
    login = f"{typed.kind}:{typed.value}" if typed else f"none:{body.login}"
    source = source_of(request, parts.settings.trusted_proxies)
    attempt = await begin_attempt(parts, "recovery", login, source, per_account=CODES_PER_ACCOUNT, per_source=CODES_PER_SOURCE)
    if attempt.seconds:
        raise TooManyAttempts(attempt.seconds)
    code_id = parts.clock.new_id()
    person_id = await _person_with_phone(parts, typed)
    if person_id is not None:
        later.add_task(_send_code, parts, code_id, person_id, "recovery")  # after the answer, whose time tells nothing
    return RecoveryView(id=code_id, expires_at=parts.clock.now() + LIFETIME)


async def _person_with_phone(parts: Parts, login: Login | None) -> UUID | None:
    if login is None or login.kind == "staff":  # staff are given a new password by their administrator
        return None
    async with parts.db.read() as tx:
        account = await find_account(tx, login, parts.keys)
        if account is None or not await recoveries.has_confirmed_phone(tx, account[0].subject):
            return None
    return account[0].subject


async def _send_code(parts: Parts, code_id: UUID, person_id: UUID, purpose: Purpose) -> None:
    async with parts.db.write() as tx:
        person = await subjects.person(tx, person_id)
        assert person is not None
        code = await make_code(tx, parts.keys, code_id, person_id, purpose)
    phone = parts.keys.decrypt(person["phone"], context=phone_context(person_id))
    await parts.messages.send(phone, _TEXTS[purpose].format(code=code))


async def _judged(parts: Parts, request: Request, code_id: UUID, code: SecretStr, purpose: Purpose) -> UUID:
    """Whose code it was. Raises TooManyAttempts, OneTimeCodeRefused."""
    source = parts.keys.blind_index("source", source_of(request, parts.settings.trusted_proxies))
    key = f"one-time-code:{source}"
    if seconds := await seconds_to_wait_before(parts, {key: CODE_TRIES_PER_SOURCE}):
        raise TooManyAttempts(seconds)
    async with parts.db.write() as tx:
        person_id = await take_code(tx, parts.keys, code_id, code.get_secret_value(), purpose)
        if person_id is not None:
            await forgive_source(tx, key)
    if person_id is None:
        raise OneTimeCodeRefused()
    return person_id


@router.post("/recoveries/{code_id}/complete", status_code=204, responses=TOO_MANY_ATTEMPTS)
async def complete(_: AnyoneRecovers, request: Request, code_id: UUID, body: NewPassword, parts: PartsHere) -> None:
    """Set a new password with the code. Every sign-in made before ends; this place is known as yours from now on."""
    person_id = await _judged(parts, request, code_id, body.code, "recovery")
    password_hash = await parts.passwords.hash(body.password.get_secret_value())
    async with parts.db.write() as tx:
        await change_password(tx, person_id, password_hash)
        await remember_person(tx, parts.keys, person_id, source_of(request, parts.settings.trusted_proxies))


async def _limited(actor: IsSelf, parts: PartsHere) -> UUID:
    """The person, to whom messages are not sent without end. Raises TooManyAttempts."""
    if seconds := await seconds_to_wait_before(parts, {f"phone:{actor.subject}": CODES_PER_ACCOUNT}):
        raise TooManyAttempts(seconds)
    return actor.subject


@router.post("/me/phone-confirmations", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def confirm_phone(person_id: Annotated[UUID, Depends(_limited)], parts: PartsHere) -> PhoneConfirmationView:
    """Have a code sent to your phone, to confirm that it is yours: only a confirmed phone can get you back in."""
    async with parts.db.read() as tx:
        person = await subjects.person(tx, person_id)
    if person is None:
        raise NotFound()
    code_id = parts.clock.new_id()
    await _send_code(parts, code_id, person_id, "phone")
    phone = parts.keys.decrypt(person["phone"], context=phone_context(person_id))
    return PhoneConfirmationView(id=code_id, expires_at=parts.clock.now() + LIFETIME, phone_masked=mask_phone(phone))


async def _own_code(actor: IsSelf, request: Request, code_id: UUID, body: ConfirmedCode, parts: PartsHere) -> UUID:
    if await _judged(parts, request, code_id, body.code, "phone") != actor.subject:
        raise OneTimeCodeRefused()
    return actor.subject


@router.post("/me/phone-confirmations/{code_id}/complete", status_code=204, responses=TOO_MANY_ATTEMPTS)
async def complete_phone(person_id: Annotated[UUID, Depends(_own_code)], tx: SecretWrites) -> None:
    """Confirm your phone with the code."""
    await recoveries.confirm_phone(tx, person_id)
