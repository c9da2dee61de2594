"""What the identity service can be told beside what every service can."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field, IPvAnyNetwork

from chassis.settings import ServiceSettings
from services.identity.rules.signing_keys import Schedule
from services.identity.rules.verification import SOURCES, Source


class IdentitySettings(ServiceSettings):
    service: ClassVar[str] = "identity"

    population_base_url: str | None = Field(
        default=None, description="Population base at the border; without it people register self-asserted (assurance 1)."
    )
    legal_person_base_url: str | None = Field(
        default=None, description="Legal-person base at the border; without it no organisation can be bound to its representative."
    )
    bank_channel_url: str | None = Field(
        default=None, description="Bank channel at the border (name, number, card and phone); a match there is assurance 3."
    )
    face_service_url: str | None = Field(
        default=None, description="Face service at the border (a finished liveness check); a match there is assurance 3, at a window 4."
    )
    verifier_order: list[Source] = Field(
        default=list(SOURCES), description="In which order the sources that can verify a person are asked, the first that answers counts."
    )
    border_seconds: float = Field(
        default=3.0, gt=0, le=30, description="Longest a verification waits for the sources at the border, all of them together."
    )
    message_sender_url: str | None = Field(
        default=None,
        description="Message gateway at the border that sends one-time codes to phones; without it they are written to the console.",
    )
    message_seconds: float = Field(default=5.0, gt=0, le=60, description="Longest that sending one message may take; nobody waits for it.")
    session_hours: float = Field(
        default=12.0, gt=0, le=720, description="How long a sign-on lasts, with all that is refreshed from it, before signing in anew."
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default=["127.0.0.0/8", "::1/128"],
        validate_default=True,
        description="Networks whose X-Forwarded-For is believed when attempts are counted per source: the gateway's.",
    )
    mtls_url: str = Field(
        default="",
        description="Origin of the entrance that asks clients for certificates (RFC 8705), where it is not public_url: discovery tells it.",
    )
    signing_key_days: int = Field(default=90, ge=1, le=3650, description="How long a key signs tokens before the next one takes over.")
    signing_key_notice_hours: int = Field(
        default=24, ge=0, le=24, description="How long the next signing key is published before it signs: verifiers elsewhere cache keys."
    )
    run_logout_courier: bool = Field(default=True, description="Whether this process tells clients of sign-offs.")
    logout_attempts: int = Field(default=20, ge=1, le=100, description="Attempts to tell a client of a sign-off before it is given up.")
    logout_seconds: float = Field(
        default=5.0, gt=0, le=60, description="How long a client may take to answer that it has heard of a sign-off."
    )

    @property
    def key_schedule(self) -> Schedule:
        return Schedule(lifetime=timedelta(days=self.signing_key_days), notice=timedelta(hours=self.signing_key_notice_hours))
