"""Where somebody is signed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import ReadTx
from services.identity.queries.clients import find_client
from services.identity.rules.clients import ACCOUNT
from services.identity.rules.sessions import BrowserSession
from services.identity.store import sessions


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A session, and the names of the clients that were signed in to from it."""

    session: BrowserSession
    clients: tuple[str, ...]


async def find_sessions(tx: ReadTx, subject: UUID, *, public_url: str) -> Sequence[SignedOn]:
    """Those that have neither ended nor expired, the newest first."""
    live = await sessions.live_sessions(tx, subject)
    used = await sessions.clients_of(tx, [session.id for session in live])
    names: dict[str, str] = {}
    for client_id in sorted({client_id for ids in used.values() for client_id in ids} - {ACCOUNT}):
        client = await find_client(tx, client_id, public_url=public_url)
        names[client_id] = client.name if client is not None else client_id
    return [SignedOn(one, tuple(names[client_id] for client_id in used.get(one.id, ()) if client_id in names)) for one in live]
