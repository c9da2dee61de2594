"""Wiring of the identity service."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.events import Consumer
from chassis.http import Transport
from services.identity.api import (
    account,
    administrative_changes,
    authorize,
    client_keys,
    client_requests,
    clients,
    delegations,
    departments,
    device_grants,
    device_page,
    devices,
    discovery,
    first_administrator,
    held_standings,
    holders,
    imports,
    logout,
    mandates,
    me,
    one_code,
    organisations,
    par,
    passkeys,
    people,
    phones,
    qr,
    recoveries,
    restatements,
    sessions,
    sign_in_codes,
    signing_keys,
    staff,
    step_up,
    token,
    token_state,
    verifications,
    visits,
)
from services.identity.events import (
    DELEGATION_TOPIC,
    DEPARTMENT_TOPIC,
    MANDATE_TOPIC,
    ORGANISATION_TOPIC,
    PERSON_TOPIC,
    STAFF_TOPIC,
)
from services.identity.parts import open_parts
from services.identity.settings import IdentitySettings
from services.identity.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS: tuple[Consumer, ...] = ()
TOPICS = (PERSON_TOPIC, ORGANISATION_TOPIC, DEPARTMENT_TOPIC, STAFF_TOPIC, DELEGATION_TOPIC, MANDATE_TOPIC)

_RESOURCES = (
    token,  # first, because it is the most asked for
    delegations,
    discovery,
    authorize,
    step_up,
    sign_in_codes,
    passkeys,
    qr,
    device_grants,
    device_page,
    sessions,
    account,
    me,
    people,
    phones,
    organisations,
    holders,
    departments,
    staff,
    clients,
    client_keys,
    signing_keys,
    logout,
    token_state,
    par,
    administrative_changes,
    client_requests,
    first_administrator,
    imports,
    held_standings,
    verifications,
    mandates,
    one_code,
    visits,
    devices,
    recoveries,
    restatements,
)


def create_app(
    settings: IdentitySettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    return create_service(
        settings or IdentitySettings(),
        title="通办 · 统一身份 / Tongban identity",
        description="自然人、单位、工作人员与系统的身份；OpenID Connect 登录。 People, organisations, staff and systems; OpenID Connect.",
        routers=[module.router for module in _RESOURCES],
        topics=TOPICS,
        consumers=CONSUMERS,
        alongside=[open_parts],
        bus=bus,
        transport=transport,
        clock=clock,
    )
