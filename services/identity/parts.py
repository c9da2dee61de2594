"""What the identity service holds while it runs, beside the chassis's runtime."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from chassis.actor import Basis
from chassis.asking import Ask
from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database, is_outage
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.standings import Standing
from chassis.tasks import end
from chassis.tokens import TokenVerifier
from chassis.transports import NetworkTransport
from services.identity.background import keep_doing
from services.identity.clients.back_channel import BackChannel
from services.identity.clients.key_sets import KeySets
from services.identity.clients.messages import Messages
from services.identity.clients.verifiers import Verifiers
from services.identity.commands.end_mandate import end_expired
from services.identity.commands.forget_expired import forget_expired
from services.identity.logout_courier import CONCURRENCY, LogoutCourier
from services.identity.passwords import Passwords
from services.identity.queries.authority import authorities, standing_of
from services.identity.queries.standing import holding
from services.identity.settings import IdentitySettings
from services.identity.signing import Signer, open_signer
from services.identity.store import keys, logout
from services.identity.store.quick import QuickStore, open_quick_store

_SWEEP_SECONDS = 60
_KEYS_SECONDS = 60
_LOOK_SECONDS = 1
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
    key_sets: KeySets
    verifiers: Verifiers
    messages: Messages
    quick: QuickStore


def parts_of(runtime: Runtime) -> Parts:
    """The parts, once the service has started."""
    found: Parts = runtime.parts[_NAME]
    return found


@asynccontextmanager
async def open_parts(runtime: Runtime) -> AsyncIterator[None]:
    settings = runtime.settings
    assert isinstance(settings, IdentitySettings)
    runtime.basis.ask = _asking_here(runtime.db)
    runtime.standings.ask = _standings_of(runtime.db)
    async with AsyncExitStack() as stack:
        transport = NetworkTransport(limit=32, limit_per_host=16)
        stack.push_async_callback(transport.close)
        signer = await open_signer(runtime.db, runtime.keys, runtime.clock, settings.key_schedule)
        back_channel = BackChannel(seconds=settings.logout_seconds, connections=CONCURRENCY)
        stack.push_async_callback(back_channel.close)
        key_sets = KeySets(seconds=settings.border_seconds)
        stack.push_async_callback(key_sets.close)
        messages = Messages(transport, url=settings.message_sender_url, seconds=settings.message_seconds)
        stack.push_async_callback(messages.settle)
        runtime.parts[_NAME] = Parts(
            settings=settings,
            db=runtime.db,
            keys=runtime.keys,
            clock=runtime.clock,
            verifier=runtime.verifier,
            signer=signer,
            passwords=Passwords(),
            key_sets=key_sets,
            verifiers=Verifiers(transport, settings),
            messages=messages,
            quick=await stack.enter_async_context(open_quick_store(runtime.db)),
        )
        work = [_sweep(runtime.db), keep_doing(runtime.db, "signing-keys", signer.renew, channel=keys.CHANNEL, seconds=_KEYS_SECONDS)]
        if settings.run_logout_courier:
            courier = LogoutCourier(runtime.db, runtime.clock, settings, signer, back_channel, runtime.registry)
            stack.push_async_callback(courier.settle)
            work.append(keep_doing(runtime.db, "logout-courier", courier.send_due, channel=logout.CHANNEL, seconds=_LOOK_SECONDS))
        tasks = [asyncio.create_task(one) for one in work]
        stack.push_async_callback(end, *tasks)
        yield


def _standings_of(db: Database) -> Ask[UUID, Standing]:
    """Where staff stand, from the tables themselves: the issuer need not call itself."""

    async def ask(subjects: Collection[UUID]) -> Mapping[UUID, Standing]:
        async with db.read() as tx:
            found = await authorities(tx, subjects)
        return {subject: standing_of(authority) for subject, authority in found.items()}

    return ask


def _asking_here(db: Database) -> Ask[Basis, bool]:
    """Identity keeps what tokens stand on: it asks itself, not over HTTP."""

    async def ask(bases: Collection[Basis]) -> Mapping[Basis, bool]:
        async with db.read() as tx:
            return dict.fromkeys(await holding(tx, bases), True)

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
