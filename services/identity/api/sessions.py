"""A person's own list of where they are signed on."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.schema import View
from services.identity.api.access import CanKeepAccount
from services.identity.api.edge import PartsHere
from services.identity.commands.end_session import end_session
from services.identity.queries.sessions import find_sessions
from services.identity.rules.devices import device_label

router = service_router("sessions")


class SessionView(View):
    id: UUID = Field(description="`sid` of the tokens issued in it")
    signed_in_at: datetime = Field(description="When you last proved who you are in it")
    expires_at: datetime
    methods: tuple[str, ...] = Field(description="How, as in `amr`")
    device: str = Field(description="What the browser says it is, or the name of the kiosk")
    clients: tuple[str, ...] = Field(description="Names of the applications signed in to from it")


class SessionsView(View):
    data: list[SessionView]


@router.get("/me/sessions")
async def own_sessions(actor: CanKeepAccount, tx: Reads, parts: PartsHere) -> SessionsView:
    """Where you are signed on, the newest first."""
    found = await find_sessions(tx, actor.subject, public_url=parts.settings.public_url)
    return SessionsView(
        data=[
            SessionView(
                id=one.session.id, signed_in_at=one.session.signed_in_at, expires_at=one.session.expires_at,
                methods=one.session.methods, device=one.session.kiosk or device_label(one.session.device), clients=one.clients,
            )
            for one in found
        ]
    )  # fmt: skip


@router.delete("/me/sessions/{session_id}", status_code=204)
async def end(actor: CanKeepAccount, session_id: UUID, tx: Writes) -> None:
    """Sign off there: everything issued in it ends, and the applications are told."""
    await end_session(tx, session_id, subject=actor.subject)
