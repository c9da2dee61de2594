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
from services.identity.background import keep_doing
from services.identity.clients.bases import Bases
from services.identity.commands.forget_expired import forget_expired
from services.identity.passwords import Passwords
from services.identity.settings import IdentitySettings
from services.identity.signing import Signer, open_signer
from services.identity.store.keys import CHANNEL as KEYS_CHANNEL

_SWEEP_SECONDS = 3600
_KEYS_SECONDS = 60
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
    bases: Bases


def parts_of(runtime: Runtime) -> Parts:
    """The parts, once the service has started."""
    found: Parts = runtime.parts[_NAME]
    return found


@asynccontextmanager
async def open_parts(runtime: Runtime) -> AsyncIterator[None]:
    settings = runtime.settings
    assert isinstance(settings, IdentitySettings)
    transport = NetworkTransport(limit=32, limit_per_host=16)
    parts = runtime.parts[_NAME] = Parts(
        settings=settings,
        db=runtime.db,
        keys=runtime.keys,
        clock=runtime.clock,
        verifier=runtime.verifier,
        signer=await open_signer(runtime.db, runtime.keys, runtime.clock, settings.key_schedule),
        passwords=Passwords(),
        bases=Bases(
            transport,
            population_base_url=settings.population_base_url,
            legal_person_base_url=settings.legal_person_base_url,
            seconds=settings.border_seconds,
        ),
    )
    tasks = [
        asyncio.create_task(_sweep(runtime.db)),
        asyncio.create_task(keep_doing(runtime.db, "signing-keys", parts.signer.renew, channel=KEYS_CHANNEL, seconds=_KEYS_SECONDS)),
    ]
    try:
        yield
    finally:
        await end(*tasks)
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
