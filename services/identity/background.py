"""What a process of the service does beside its requests: at once when the database says that there is something to do, and now and then."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from chassis.database import Database, is_outage
from chassis.logs import get_logger
from chassis.tasks import happens, pause_after

log = get_logger("tongban.identity")


async def keep_doing(db: Database, name: str, act: Callable[[], Awaitable[object]], *, channel: str, seconds: float) -> None:
    """Until cancelled: `act` after every notification on the channel and at least every so many seconds; failures are logged and pass."""
    wake = asyncio.Event()
    failures = 0

    def notified(*_: Any) -> None:
        wake.set()

    while True:
        try:
            connection = await asyncpg.connect(db.dsn, timeout=5, server_settings={"application_name": f"tongban-{name}"})
            try:
                await connection.add_listener(channel, notified)
                while not connection.is_closed():
                    wake.clear()
                    await act()
                    failures = 0
                    await happens(wake, seconds)
            finally:
                connection.terminate()
        except Exception as error:
            failures += 1
            if is_outage(error):
                log.warning("background work waits for its database", work=name, error=repr(error), failures=failures)
            else:
                log.exception("background work failed", work=name)
            await asyncio.sleep(pause_after(failures))
