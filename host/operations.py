"""What operator commands stand on: the installation's database (running or not) and a service's own database and bus."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
from pathlib import Path

from bus import Bus
from chassis.app import open_bus
from chassis.clock import SystemClock
from chassis.database import Database
from host.environment import Environment
from host.services import ServiceEntry, chosen
from host.up import database_server, environment_of


@dataclass(frozen=True, slots=True)
class OpenService:
    entry: ServiceEntry
    db: Database
    bus: Bus


@asynccontextmanager
async def installation(var: Path) -> AsyncIterator[Environment]:
    """The environment commands act on: TONGBAN_DATABASE_URL, else the embedded database of `var`, which may be in use."""
    if os.environ.get("TONGBAN_DATABASE_URL"):
        async with database_server(var, print) as url:
            yield environment_of(var, url)
        return
    from host.stack.postgres import EmbeddedPostgres, PostgresInUse

    directory = var.absolute() / "postgres"
    if not directory.exists():
        raise SystemExit(f"there is no installation in {var}; start one with `make run`, or name your database in TONGBAN_DATABASE_URL")
    server = EmbeddedPostgres(directory)
    try:
        server.start()
    except PostgresInUse:
        yield environment_of(var.absolute(), server.dsn("").rstrip("/"))
        return
    try:
        yield environment_of(var.absolute(), server.dsn("").rstrip("/"))
    finally:
        server.stop()


@asynccontextmanager
async def open_services(var: Path, names: Sequence[str]) -> AsyncIterator[list[OpenService]]:
    """Databases and bus of some services, all for none. Raises UnknownTarget."""
    entries = chosen(names)
    async with installation(var) as environment:
        environment.adopt()
        opened: list[OpenService] = []
        bus = open_bus(environment.settings_for(entries[0]))
        try:
            for entry in entries:
                settings = environment.settings_for(entry)
                opened.append(OpenService(entry, Database(settings.dsn, service=entry.name, clock=SystemClock(), pool_size=2), bus))
            yield opened
        finally:
            for service in opened:
                await service.db.close()
            await bus.stop()
