"""Hears of publications: a connection that listens, and a sign of life from it every second.

While it is connected PostgreSQL tells it of every change of an item at its commit. A connection that breaks is noticed at once; one that
merely falls silent (a cut wire) is trusted for `TRUSTED_SECONDS` after the last sign of life was asked for, and not longer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import time
from typing import Any

import asyncpg
from prometheus_client import Gauge
import structlog

from chassis.database import is_outage
from chassis.runtime import Runtime
from chassis.tasks import end, happens, pause_after
from services.catalog.kept.answers import KeptAnswers
from services.catalog.kept.shortcut import kept_answers

log = structlog.get_logger(__name__)

CHANNEL = "tongban_catalog_item"
"""The trigger of migration 0006 tells it which item."""
SIGN_OF_LIFE_SECONDS = 1.0
TRUSTED_SECONDS = 3.0
_CONNECT_SECONDS = 5.0


@asynccontextmanager
async def listening(runtime: Runtime) -> AsyncIterator[None]:
    """Keep the kept answers right while the service runs; without the database the service starts, and keeps nothing."""
    kept = kept_answers(runtime)
    Gauge(
        "tongban_kept_answers_hearing", "1 while this process hears of publications and answers from memory", registry=runtime.registry
    ).set_function(lambda: float(kept.is_hearing))
    wake_relay = runtime.db.wake_relay

    def committed() -> None:
        # Before the caller has its answer; our own notification takes a millisecond longer.
        kept.forget_all()
        wake_relay()

    runtime.db.wake_relay = committed
    task = asyncio.create_task(_listen_on(runtime, kept), name="catalog.listening")
    try:
        yield
    finally:
        await end(task)
        kept.is_deaf()


async def _listen_on(runtime: Runtime, kept: KeptAnswers) -> None:
    """Whatever breaks, begin again."""
    failures = 0
    while True:
        connection = None
        try:
            connection = await asyncpg.connect(
                runtime.db.dsn, timeout=_CONNECT_SECONDS, server_settings={"application_name": f"tongban-listening-{runtime.name}"}
            )
            failures = 0
            await _hear(connection, kept)
        except Exception as error:
            if not is_outage(error):
                log.exception("listening_failed")
        finally:
            kept.is_deaf()
            if connection is not None:
                connection.terminate()
        failures += 1
        await asyncio.sleep(pause_after(failures))


async def _hear(connection: Any, kept: KeptAnswers) -> None:
    """Until the connection breaks."""
    broken = asyncio.Event()

    def is_broken(*_: Any) -> None:
        kept.is_deaf()
        broken.set()

    def is_told(_: Any, __: int, ___: str, local_code: str) -> None:
        kept.forget(local_code)

    connection.add_termination_listener(is_broken)
    await connection.add_listener(CHANNEL, is_told)
    kept.forget_all()
    while not broken.is_set():
        asked_at = time.monotonic()
        await connection.execute("SELECT 1", timeout=TRUSTED_SECONDS)
        if not broken.is_set():
            kept.hears_until(asked_at + TRUSTED_SECONDS)
        await happens(broken, SIGN_OF_LIFE_SECONDS)
