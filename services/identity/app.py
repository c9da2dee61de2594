"""Wiring of the identity service."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.events import Consumer
from chassis.http import Transport
from services.identity.api import (
    account,
    authorize,
    clients,
    departments,
    discovery,
    holders,
    logout,
    me,
    one_time_codes,
    organisations,
    passkeys,
    people,
    qr,
    sessions,
    signing_keys,
    staff,
    token,
)
from services.identity.events import ORGANISATION_TOPIC, PERSON_TOPIC
from services.identity.parts import open_parts
from services.identity.settings import IdentitySettings
from services.identity.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS: tuple[Consumer, ...] = ()
TOPICS = (PERSON_TOPIC, ORGANISATION_TOPIC)

_RESOURCES = (
    token,
    discovery,
    authorize,
    one_time_codes,
    passkeys,
    qr,
    sessions,
    account,
    me,
    people,
    organisations,
    holders,
    departments,
    staff,
    clients,
    signing_keys,
    logout,
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
