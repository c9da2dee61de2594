"""What the identity service holds while it runs, beside the chassis's runtime."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database, is_outage
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.tasks import end
from chassis.tokens import TokenVerifier
from chassis.transports import NetworkTransport
from services.identity.clients.verifiers import Verifiers
from services.identity.commands.forget_expired import forget_expired
from services.identity.passwords import Passwords
from services.identity.settings import IdentitySettings
from services.identity.signing import Signer, open_signer

_SWEEP_SECONDS = 3600
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


def parts_of(runtime: Runtime) -> Parts:
    """The parts, once the service has started."""
    found: Parts = runtime.parts[_NAME]
    return found


@asynccontextmanager
async def open_parts(runtime: Runtime) -> AsyncIterator[None]:
    settings = runtime.settings
    assert isinstance(settings, IdentitySettings)
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
    )
    sweeper = asyncio.create_task(_sweep(runtime.db))
    try:
        yield
    finally:
        await end(sweeper)
        await transport.close()


async def _sweep(db: Database) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            async with db.write() as tx:
                deleted = await forget_expired(tx)
        except Exception as error:
            if not is_outage(error):
                log.exception("sweep failed")
        else:
            log.info("swept", rows=deleted)
