"""At the instant a version takes effect or a withdrawal counts, the index follows: by itself, and at the latest before it is read.

Guides need none of this; they ask the clock. Several processes may do the same work at once: each item is settled by one, the others
wait for its lock and find nothing left to do.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from chassis.database import is_outage
from chassis.runtime import Runtime
from chassis.tasks import end, pause_after
from services.catalog.commands.settle_item import settle_item
from services.catalog.settings import CatalogSettings
from services.catalog.store import lives

log = structlog.get_logger(__name__)


@asynccontextmanager
async def switching(runtime: Runtime) -> AsyncIterator[None]:
    """While the service runs: settle what is due, look again at the next known instant, or after `switching_seconds`."""
    settings = runtime.settings
    if not isinstance(settings, CatalogSettings) or settings.switching_seconds == 0:
        yield
        return
    task = asyncio.create_task(_keep_settled(runtime, settings.switching_seconds), name="catalog.switching")
    try:
        yield
    finally:
        await end(task)


async def settle_due(runtime: Runtime) -> int:
    """Settle every item whose instant has come; answers how many. One short query where there is none."""
    async with runtime.db.read() as tx:
        due = await lives.due_items(tx, tx.now)
    for local_code in due:
        async with runtime.db.write() as writing:
            await settle_item(local_code, writing)
    return len(due)


async def _keep_settled(runtime: Runtime, seconds: float) -> None:
    failures = 0
    while True:
        try:
            count = await settle_due(runtime)
            async with runtime.db.read() as tx:
                next_at, now = await lives.next_due(tx), tx.now
        except Exception as error:
            if not is_outage(error):
                log.exception("switching_failed")
            failures += 1
            await asyncio.sleep(pause_after(failures))
            continue
        failures = 0
        if count:
            log.info("items_switched", items=count)
        ahead = (next_at - now).total_seconds() if next_at else seconds
        await asyncio.sleep(min(max(ahead, 0.001), seconds))
