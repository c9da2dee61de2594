"""After an upgrade: items indexed by older rules are indexed anew, one transaction each, while the service answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from chassis.database import is_outage
from chassis.runtime import Runtime
from chassis.tasks import end, pause_after
from services.catalog.commands.index_item import index_next_item

log = structlog.get_logger(__name__)


@asynccontextmanager
async def indexing(runtime: Runtime) -> AsyncIterator[None]:
    """Several processes share the work: each takes an item that no other holds."""
    task = asyncio.create_task(index_all(runtime), name="catalog.indexing")
    try:
        yield
    finally:
        await end(task)


async def index_all(runtime: Runtime) -> None:
    """Until none is left; waits while the database is away, and leaves the rest unfound where one cannot be read."""
    failures = count = 0
    while True:
        try:
            async with runtime.db.write() as tx:
                if not await index_next_item(tx):
                    break
        except Exception as error:
            if not is_outage(error):
                log.exception("indexing_failed")
                return
            failures += 1
            await asyncio.sleep(pause_after(failures))
            continue
        failures, count = 0, count + 1
    if count:
        log.info("items_indexed", items=count)
