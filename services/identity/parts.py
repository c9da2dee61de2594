"""What the identity service holds while it runs, beside the chassis's runtime."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.actor import Standing
from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database, is_outage
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.standing import Ask, StandingCheck
from chassis.tasks import end
from chassis.tokens import TokenVerifier
from chassis.transports import NetworkTransport
from services.identity.clients.sender import Sender, open_sender
from services.identity.clients.verifiers import Verifiers
from services.identity.commands.end_mandate import end_expired
from services.identity.commands.forget_expired import forget_expired
from services.identity.passwords import Passwords
from services.identity.queries.standing import holding
from services.identity.settings import IdentitySettings
from services.identity.signing import Signer, open_signer

_SWEEP_SECONDS = 60
_NAME = "identity"
log = get_logger("tongban.identity")


@dataclass(frozen=True, slots=True)
class Parts:
    settings: IdentitySettings
    db: Database
    keys: KeyRing
    clock: Clock
    verifier: TokenVerifier
    signer: Signer
    passwords: Passwords
    verifiers: Verifiers
    sender: Sender


def parts_of(runtime: Runtime) -> Parts:
    """The parts, once the service has started."""
    found: Parts = runtime.parts[_NAME]
    return found


@asynccontextmanager
async def open_parts(runtime: Runtime) -> AsyncIterator[None]:
    settings = runtime.settings
    assert isinstance(settings, IdentitySettings)
    runtime.standing = StandingCheck(_asking_here(runtime.db))
    transport = NetworkTransport(limit=32, limit_per_host=16)
    runtime.parts[_NAME] = Parts(
        settings=settings,
        db=runtime.db,
        keys=runtime.keys,
        clock=runtime.clock,
        verifier=runtime.verifier,
        signer=await open_signer(runtime.db, runtime.keys, runtime.clock),
        passwords=Passwords(),
        verifiers=Verifiers(transport, settings),
        sender=open_sender(transport, settings.message_sender_url),
    )
    sweeper = asyncio.create_task(_sweep(runtime.db))
    try:
        yield
    finally:
        await end(sweeper)
        await transport.close()


def _asking_here(db: Database) -> Ask:
    """Identity keeps what tokens stand on: it asks itself, not over HTTP."""

    async def ask(standings: Sequence[Standing]) -> Collection[Standing]:
        async with db.read() as tx:
            return await holding(tx, standings)

    return ask


async def _sweep(db: Database) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            async with db.write() as tx:
                rows = await forget_expired(tx) + await end_expired(tx)
        except Exception as error:
            if not is_outage(error):
                log.exception("sweep failed")
        else:
            log.info("swept", rows=rows)
