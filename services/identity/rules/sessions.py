"""The sign-on of one browser at the provider, and what an authorization request still needs of the person in front of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.identity.rules.authorization import AuthorizationRequest, Fault
from services.identity.rules.claims import needed_level

Step = Literal["sign-in", "step-up", "consent", "go-on"]


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """Somebody signed on. `id` is the `sid` of tokens; `signed_in_at` is when they last proved who they are, by `methods` (`amr`).

    `device` is what the browser said it is, `kiosk` the registered name of the kiosk that is used instead of one.
    """

    id: UUID
    subject: UUID
    kind: str
    signed_in_at: datetime
    expires_at: datetime
    methods: tuple[str, ...] = ()
    device: str = ""
    kiosk: str = ""


def needed_step(
    request: AuthorizationRequest, session: BrowserSession | None, *, now: datetime, hinted: UUID | None, has_consent: bool,
    level: int | None,
) -> Step | Fault:  # fmt: skip
    """What comes next (OpenID Connect Core, 3.1.2.1 and 3.1.2.6). `hinted` is who the id token hint speaks of."""
    if session is None or not _is_enough(request, session, now) or hinted not in (None, session.subject):
        return Fault("login_required", "the person has to sign in on the page") if "none" in request.prompts else "sign-in"
    return step_after_sign_in(request, has_consent=has_consent, level=level)


def step_after_sign_in(request: AuthorizationRequest, *, has_consent: bool, level: int | None) -> Step | Fault:
    """What comes next for somebody who is signed on as the request wants it. `level` is a person's; None for staff, who have none."""
    if level is not None and level < needed_level(request.acr_values):
        if "none" in request.prompts:
            return Fault("unmet_authentication_requirements", "the person's level is lower, and is raised on the page")
        return "step-up"
    if has_consent and "consent" not in request.prompts:
        return "go-on"
    return Fault("consent_required", "the person has to agree on the page") if "none" in request.prompts else "consent"


def _is_enough(request: AuthorizationRequest, session: BrowserSession, now: datetime) -> bool:
    if request.prompts & {"login", "select_account"}:
        return False
    return request.max_age == "" or now - session.signed_in_at <= timedelta(seconds=int(request.max_age))
