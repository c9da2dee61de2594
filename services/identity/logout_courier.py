"""Tells clients that a session ended, until they have heard it or the attempts are over.

No transaction is open while something is sent: a notice is claimed, sent, and its outcome recorded. A claim runs out some seconds after
the longest an attempt may take, so what a courier that died had claimed is sent by another.
"""

import asyncio
from datetime import timedelta
import random

from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import RowMapping

from chassis.clock import Clock
from chassis.database import Database
from chassis.logs import get_logger
from chassis.tasks import end
from services.identity.clients.back_channel import BackChannel
from services.identity.rules.logout import logout_claims, seconds_before_retry
from services.identity.settings import IdentitySettings
from services.identity.signing import Signer
from services.identity.store import logout

log = get_logger("tongban.identity")

CONCURRENCY = 16
_CLAIM_MARGIN_SECONDS = 5.0


class LogoutCourier:
    """One per process."""

    def __init__(
        self, db: Database, clock: Clock, settings: IdentitySettings, signer: Signer, channel: BackChannel, registry: CollectorRegistry
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._signer = signer
        self._channel = channel
        self._sending: set[asyncio.Task[None]] = set()
        self._attempts = Counter("tongban_logout_notices_total", "Back-channel logout attempts", ["outcome"], registry=registry)

    async def send_due(self) -> None:
        """Begin to send what is due, as far as there is room."""
        room = CONCURRENCY - len(self._sending)
        if room <= 0:
            return
        async with self._db.write() as tx:
            until = tx.now + timedelta(seconds=self._settings.logout_seconds + _CLAIM_MARGIN_SECONDS)
            due = await logout.claim_due(tx, until=until, limit=room)
        for notice in due:
            task = asyncio.create_task(self._serve(notice), name=f"logout-{notice['id']}")
            self._sending.add(task)
            task.add_done_callback(self._done)

    async def settle(self) -> None:
        """Break off what is being sent: its claim runs out and it is sent again."""
        await end(*self._sending)

    async def _serve(self, notice: RowMapping) -> None:
        claims = logout_claims(
            issuer=self._settings.public_url,
            client_id=notice["client_id"],
            subject=notice["subject"],
            session_id=notice["session_id"],
            notice_id=notice["id"],
            now=self._clock.now(),
        )
        outcome = await self._channel.send(notice["uri"], self._signer.logout_token(claims))
        attempts = notice["attempts"]
        is_given_up = not outcome.is_delivered and attempts >= self._settings.logout_attempts
        async with self._db.write() as tx:
            pause = timedelta(seconds=seconds_before_retry(attempts, random.random()))
            await logout.record_attempt(
                tx,
                notice["id"],
                attempts,
                delivered_at=tx.now if outcome.is_delivered else None,
                next_attempt_at=None if outcome.is_delivered or is_given_up else tx.now + pause,
                last_status=outcome.status,
                last_error=outcome.error,
            )
        name = "delivered" if outcome.is_delivered else "given-up" if is_given_up else "failed"
        self._attempts.labels(name).inc()
        if not outcome.is_delivered:
            log.warning(
                "client not told of a sign-off", client=notice["client_id"], outcome=name, attempts=attempts,
                status=outcome.status, error=outcome.error,
            )  # fmt: skip

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("outcome of a logout notice not recorded; it will be sent again", error=repr(task.exception()))
