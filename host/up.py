"""`tongban up`: the whole suite on this machine, from nothing to ready, and back to nothing on Ctrl-C.

Everything it keeps is in one folder. A start finds what a killed one left (a live PostgreSQL included) and goes on from there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
import os
from pathlib import Path
import time
from urllib.parse import urlsplit

import asyncpg

from chassis.logs import configure_logs
from chassis.settings import with_database
from host.environment import Environment, log_settings, master_key_of, port_setting
from host.garbage import loaded
from host.installations import marked_as_running
from host.services import SERVICES, ServiceEntry, chosen, databases
from host.signals import told_to_stop

Say = Callable[[str], None]

STOPPING = "正在停止（再按一次 Ctrl-C 立即结束）… stopping (Ctrl-C again: at once)"


@asynccontextmanager
async def database_server(var: Path, say: Say) -> AsyncIterator[str]:
    """The URL of a PostgreSQL server: TONGBAN_DATABASE_URL, or the embedded one under `var`."""
    given = os.environ.get("TONGBAN_DATABASE_URL")
    if given:
        yield given
        return
    from host.stack.postgres import EmbeddedPostgres

    is_first = not (var / "postgres").exists()
    if is_first:
        say("正在初始化数据库（仅第一次）… initialising the database (first run only)")
    server = EmbeddedPostgres(var / "postgres")
    await asyncio.to_thread(server.start)
    try:
        yield server.dsn("").rstrip("/")
    finally:
        await asyncio.to_thread(server.stop)


class DatabaseUnusable(Exception):
    """The PostgreSQL server cannot be reached, or does not let us in."""


async def _connect(database_url: str) -> asyncpg.Connection:
    """A session at the server itself. Raises DatabaseUnusable, without the password."""
    try:
        return await asyncpg.connect(with_database(database_url, "postgres", replace=True), timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        where = urlsplit(database_url).netloc.rpartition("@")[2]
        raise DatabaseUnusable(f"PostgreSQL at {where!r} cannot be used: {error or 'no answer'}; check TONGBAN_DATABASE_URL") from error


async def prepare_databases(environment: Environment, entries: Sequence[ServiceEntry]) -> list[str]:
    """Create the databases that are missing and bring each to its newest revision; answers which were changed."""
    from host.house import migrate

    admin = await _connect(environment.database_url)
    try:
        existing = {row["datname"] for row in await admin.fetch("SELECT datname FROM pg_database")}
        for name in databases(entries):
            if name not in existing:
                await admin.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
    finally:
        await admin.close()
    return await migrate(environment, entries)


def environment_of(var: Path, database_url: str) -> Environment:
    """The environment this machine's variables describe."""
    level, form = log_settings()
    return Environment(
        var=var,
        port=port_setting(),
        database_url=database_url,
        master_key=master_key_of(var),
        kafka=os.environ.get("TONGBAN_KAFKA"),
        public_url=os.environ.get("TONGBAN_PUBLIC_URL", ""),
        log_level=level,
        log_format=form,
        with_borders="TONGBAN_IDENTITY_POPULATION_BASE_URL" not in os.environ,
    )


@asynccontextmanager
async def suite(var: Path, targets: Sequence[str], *, processes: bool, with_city: bool, say: Say) -> AsyncIterator[Environment]:
    """The suite, ready, while the block runs."""
    port_setting()  # before anything is begun
    configure_logs(*log_settings())
    entries = chosen(targets)
    async with AsyncExitStack() as stack:
        stack.enter_context(marked_as_running(var))
        database_url = await stack.enter_async_context(database_server(var, say))
        environment = environment_of(var, database_url)
        await prepare_databases(environment, entries)
        if processes:
            await stack.enter_async_context(_as_processes(environment, entries, targets))
        else:
            await stack.enter_async_context(_in_this_process(environment, targets))
        if with_city and len(entries) == len(SERVICES):
            from host.load_city import load_if_missing

            await load_if_missing(environment, say)
        yield environment


@asynccontextmanager
async def _in_this_process(environment: Environment, targets: Sequence[str]) -> AsyncIterator[None]:
    from host.house import open_house

    async with AsyncExitStack() as stack:
        if environment.with_borders and (not targets or "identity" in targets):
            await stack.enter_async_context(borders(environment))
        await stack.enter_async_context(open_house(environment, targets))
        yield


@asynccontextmanager
async def _as_processes(environment: Environment, entries: Sequence[ServiceEntry], targets: Sequence[str]) -> AsyncIterator[None]:
    from host.programs import programs_of
    from host.supervisor import Supervisor

    programs = programs_of(environment, entries, with_gateway=not targets or "gateway" in targets)
    supervisor = Supervisor(programs, variables=environment.as_variables(), logs=environment.var / "logs")
    await supervisor.start()
    try:
        await supervisor.wait_ready()
        yield
    finally:
        await supervisor.stop()


@asynccontextmanager
async def borders(environment: Environment) -> AsyncIterator[None]:
    """The stand-ins for systems outside: population base and legal-person base, with the sample city's records."""
    from host.borders import borders_app
    from host.serving import serving

    async with serving(borders_app(), int(urlsplit(environment.borders_url).port or 0), lifespan=False):
        yield


async def up(var: Path, targets: Sequence[str], *, processes: bool, with_city: bool, say: Say) -> None:
    """Run until Ctrl-C or SIGTERM."""
    began = time.monotonic()
    stopping = told_to_stop(say)
    async with suite(var, targets, processes=processes, with_city=with_city, say=say) as environment:
        from host.welcome import welcome

        say(welcome(environment, targets, seconds=time.monotonic() - began))
        loaded()
        await stopping.wait()
        say(STOPPING)
    say("已停止 stopped")
