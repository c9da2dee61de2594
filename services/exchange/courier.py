"""The courier: sends what waits in the lanes, in order per lane, and writes down how it went.

- No transaction is open while something is sent: a lane is claimed, the head sent, the outcome recorded under the lane's lock.
- A claim runs out some seconds after the longest an attempt may take; a courier that died is replaced then, one that lives never is.
- It wakes at the commit that queued something (NOTIFY) and looks once a second for retries that have come due.
"""

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
import random
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from prometheus_client import Counter

from chassis.database import is_outage
from chassis.logs import get_logger
from chassis.runtime import Runtime
from chassis.tasks import end, happens, pause_after
from services.exchange.clients.webhooks import Outcome, WebhookSender
from services.exchange.keys import keys_of
from services.exchange.rules.retries import pause_before_retry
from services.exchange.settings import ExchangeSettings
from services.exchange.store import webhooks as store
from services.exchange.store.webhooks import Head

log = get_logger("tongban.webhooks")

LOOK_SECONDS = 1.0
CLAIM_MARGIN_SECONDS = 5.0
_PART = "exchange.courier"


class Courier:
    """One per process."""

    def __init__(self, runtime: Runtime, settings: ExchangeSettings, sender: WebhookSender) -> None:
        self._runtime = runtime
        self._settings = settings
        self._sender = sender
        self._wake = asyncio.Event()
        self._sending: dict[asyncio.Task[None], UUID] = {}
        self._attempts = Counter("tongban_webhook_attempts_total", "Webhooks sent", ["outcome"], registry=runtime.registry)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send in the background; on leaving, what is being sent may finish."""
        task = asyncio.create_task(self._run(), name="courier")
        try:
            yield
        finally:
            await end(task)
            await self.settle(self._settings.drain_seconds)

    async def send_due(self) -> int:
        """Claim lanes that are due, as far as there is room, and begin to send; answers how many."""
        room = self._settings.webhook_concurrency - len(self._sending)
        if room <= 0:
            return 0
        share = max(1, self._settings.webhook_concurrency // 4)
        busy = [subscription for subscription, count in Tally(self._sending.values()).items() if count >= share]
        claim = self._runtime.clock.new_id()
        async with self._runtime.db.write() as tx:
            until = tx.now + timedelta(seconds=self._settings.webhook_timeout_seconds + CLAIM_MARGIN_SECONDS)
            heads = await store.claim_heads(tx, claim, until=until, busy=busy, share=share, limit=room)
        for head in heads:
            task = asyncio.create_task(self._serve(head, claim), name=f"webhook-{head.delivery_id}")
            self._sending[task] = head.subscription_id
            task.add_done_callback(self._done)
        return len(heads)

    async def settle(self, seconds: float) -> None:
        """Wait until what is being sent is done, and break off what takes longer: its claim runs out."""
        await end(*self._sending, seconds=seconds)

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(self._runtime.db.dsn, timeout=5, server_settings={"application_name": "tongban-courier"})
                try:
                    await connection.add_listener(store.CHANNEL, self._notified)
                    while not connection.is_closed():
                        self._wake.clear()
                        await self._send_all_due()
                        failures = 0
                        await happens(self._wake, LOOK_SECONDS)
                finally:
                    connection.terminate()
            except Exception as error:
                failures += 1
                if is_outage(error):
                    log.warning("courier waits for its database", error=repr(error), failures=failures)
                else:
                    log.exception("courier failed")
                await asyncio.sleep(pause_after(failures))

    async def _send_all_due(self) -> None:
        while await self.send_due():
            pass

    async def _serve(self, head: Head, claim: UUID) -> None:
        outcome = await self._sender.send(
            head.url,
            orjson.loads(head.attributes),
            head.body,
            delivery_id=str(head.delivery_id),
            attempt=head.attempts + 1,
            at=self._runtime.clock.now(),
        )
        await self._record(head, claim, outcome)

    async def _record(self, head: Head, claim: UUID, outcome: Outcome) -> None:
        attempts = head.attempts + 1
        seen = {"attempts": attempts, "last_status": outcome.status, "last_error": outcome.error}
        is_dead = not outcome.is_delivered and attempts >= self._settings.webhook_attempts
        async with self._runtime.db.write() as tx:
            if not await store.lock_claimed(tx, head.subscription_id, head.key, claim):
                return
            if outcome.is_delivered:
                await store.update_delivery(tx, head.delivery_id, state="delivered", delivered_at=tx.now, **seen)
                await store.go_on(tx, head.subscription_id, head.key)
            else:
                await store.update_delivery(tx, head.delivery_id, state="dead" if is_dead else "waiting", **seen)
                pause = timedelta(seconds=self._pause(attempts))
                await store.schedule(tx, head.subscription_id, head.key, None if is_dead else tx.now + pause)
        name = "delivered" if outcome.is_delivered else "dead" if is_dead else "failed"
        self._attempts.labels(name).inc()
        if not outcome.is_delivered:
            log.warning(
                "webhook failed",
                delivery=str(head.delivery_id),
                outcome=name,
                attempts=attempts,
                status=outcome.status,
                error=outcome.error,
            )

    def _pause(self, attempts: int) -> float:
        return pause_before_retry(
            attempts,
            random.random(),
            first=self._settings.webhook_first_retry_seconds,
            longest=self._settings.webhook_longest_retry_seconds,
        )

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.warning("webhook's outcome not recorded; it will be sent again", error=repr(task.exception()))

    def _notified(self, *_: Any) -> None:
        self._wake.set()


@asynccontextmanager
async def run_courier(runtime: Runtime) -> AsyncIterator[None]:
    """The courier of this process, sending by itself where the settings want it to."""
    settings = runtime.settings
    assert isinstance(settings, ExchangeSettings)
    async with AsyncExitStack() as stack:
        sender = WebhookSender(
            keys_of(runtime).webhooks,
            timeout=settings.webhook_timeout_seconds,
            allow_private=settings.webhook_allow_private,
            connections=settings.webhook_concurrency,
        )
        stack.push_async_callback(sender.close)
        courier = runtime.parts[_PART] = Courier(runtime, settings, sender)
        if settings.run_webhooks:
            await stack.enter_async_context(courier.running())
        yield


def courier_of(runtime: Runtime) -> Courier:
    courier: Courier = runtime.parts[_PART]
    return courier
