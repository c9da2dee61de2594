"""Telephone numbers: confirmed by a code before they are taken on record, at sign-up and when one changes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from pydantic import Field, SecretStr

from chassis.app import service_router
from chassis.problems import NotFound
from chassis.schema import Body, View
from services.identity.api.access import AnyoneSignsUp, IsAccountsOwner
from services.identity.api.attempts import remember_person
from services.identity.api.edge import PROBLEM_CONTENT, TOO_MANY_ATTEMPTS, PartsHere, SecretWrites, seconds_to_wait_before, source_of
from services.identity.commands.count_attempts import forgive_source
from services.identity.commands.phone_checks import begin_phone_check, is_passed
from services.identity.commands.register_person import phone_context
from services.identity.errors import MessagesUnavailable, OneTimeCodeRefused, TooManyAttempts
from services.identity.parts import Parts
from services.identity.rules.one_time_codes import LIFETIME
from services.identity.rules.people import mask_phone
from services.identity.rules.sign_in_codes import CODES_PER_PHONE, CODES_PER_SOURCE
from services.identity.rules.throttling import CODE_TRIES_PER_SOURCE
from services.identity.store import phone_checks, subjects

router = service_router("phones")

Phone = Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$", description="Mobile number")]

_CODE = "【通办】手机号确认验证码 {code}，10 分钟内有效。切勿告诉他人。"
_CHANGED = "【通办】您账号登记的手机号已改为 {phone}。如果不是您本人操作，请立即到政务服务窗口核实。"


class PhoneBody(Body):
    phone: Phone


class PhoneCheckView(View):
    id: UUID = Field(description="To be sent back with the code")
    expires_at: datetime
    phone_masked: str


class PassedCheck(Body):
    """What proves that a number is one's own."""

    id: UUID = Field(description="Of POST /phone-checks")
    code: SecretStr = Field(min_length=6, max_length=6, description="The six digits of the message")


class NewPhone(PhoneBody):
    check: PassedCheck


class PhoneView(View):
    phone_masked: str


@router.post("/phone-checks", status_code=201, responses=TOO_MANY_ATTEMPTS)
async def begin(_: AnyoneSignsUp, request: Request, body: PhoneBody, parts: PartsHere) -> PhoneCheckView:
    """Have a code sent to a number, to show that it is yours: for signing up, or to change the number on record."""
    source = parts.keys.blind_index("source", source_of(request, parts.settings.trusted_proxies))
    limits = {f"code-phone:{parts.keys.blind_index('code-phone', body.phone)}": CODES_PER_PHONE, f"code-source:{source}": CODES_PER_SOURCE}
    if seconds := await seconds_to_wait_before(parts, limits):
        raise TooManyAttempts(seconds)
    if not parts.messages.takes_more():
        raise MessagesUnavailable()
    async with parts.db.write() as tx:
        check_id, code = await begin_phone_check(tx, body.phone, parts.keys)
    parts.messages.send_soon(body.phone, _CODE.format(code=code))
    return PhoneCheckView(id=check_id, expires_at=parts.clock.now() + LIFETIME, phone_masked=mask_phone(body.phone))


async def judge_check(parts: Parts, request: Request, check: PassedCheck, phone: str) -> None:
    """Raises TooManyAttempts, OneTimeCodeRefused. The check is not used up yet: that belongs to what it is for."""
    source = parts.keys.blind_index("source", source_of(request, parts.settings.trusted_proxies))
    key = f"one-time-code:{source}"
    if seconds := await seconds_to_wait_before(parts, {key: CODE_TRIES_PER_SOURCE}):
        raise TooManyAttempts(seconds)
    async with parts.db.write() as tx:
        is_right = await is_passed(tx, check.id, check.code.get_secret_value(), phone, parts.keys)
        if is_right:
            await forgive_source(tx, key)
    if not is_right:
        raise OneTimeCodeRefused()


async def _judged(actor: IsAccountsOwner, request: Request, body: NewPhone, parts: PartsHere) -> UUID:
    await judge_check(parts, request, body.check, body.phone)
    return actor.subject


@router.put("/me/phone", responses={**TOO_MANY_ATTEMPTS, 404: {"description": "The account is gone", "content": PROBLEM_CONTENT}})
async def change(
    person_id: Annotated[UUID, Depends(_judged)], request: Request, body: NewPhone, tx: SecretWrites, parts: PartsHere
) -> PhoneView:
    """Change the number on record to one you have just shown to be yours. The one before is told."""
    person = await subjects.person(tx, person_id)
    if person is None:
        raise NotFound()
    if not await phone_checks.use(tx, body.check.id):
        raise OneTimeCodeRefused()
    before = parts.keys.decrypt(person["phone"], context=phone_context(person_id))
    ciphertext = parts.keys.encrypt(body.phone, context=phone_context(person_id))
    await phone_checks.change_phone(tx, person_id, phone=ciphertext, index=parts.keys.blind_index("phone", body.phone))
    await remember_person(tx, parts.keys, person_id, source_of(request, parts.settings.trusted_proxies))
    if before != body.phone:
        parts.messages.send_soon(before, _CHANGED.format(phone=mask_phone(body.phone)))
    return PhoneView(phone_masked=mask_phone(body.phone))
