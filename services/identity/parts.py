"""What the identity service holds while it runs, beside the chassis's runtime."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database, is_outage
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.standings import Ask, Standing
from chassis.tasks import end
from chassis.tokens import TokenVerifier
from chassis.transports import NetworkTransport
from services.identity.clients.bases import Bases
from services.identity.commands.forget_expired import forget_expired
from services.identity.passwords import Passwords
from services.identity.queries.authority import authorities, standing_of
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
    runtime.standings.ask = _standings_of(runtime.db)
    runtime.parts[_NAME] = Parts(
        settings=settings,
        db=runtime.db,
        keys=runtime.keys,
        clock=runtime.clock,
        verifier=runtime.verifier,
        signer=await open_signer(runtime.db, runtime.keys, runtime.clock),
        passwords=Passwords(),
        bases=Bases(
            transport,
            population_base_url=settings.population_base_url,
            legal_person_base_url=settings.legal_person_base_url,
            seconds=settings.border_seconds,
        ),
    )
    sweeper = asyncio.create_task(_sweep(runtime.db))
    try:
        yield
    finally:
        await end(sweeper)
        await transport.close()


def _standings_of(db: Database) -> Ask:
    """Where staff stand, from the tables themselves: the issuer need not call itself."""

    async def ask(subjects: Sequence[UUID]) -> Mapping[UUID, Standing]:
        async with db.read() as tx:
            found = await authorities(tx, subjects)
        return {subject: standing_of(authority) for subject, authority in found.items()}

    return ask


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
