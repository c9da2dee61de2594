"""Migrations: one Alembic tree per service, run by the same few functions everywhere.

`upgrade` brings a database to the newest revision and is safe to run in several processes at once (advisory lock). A service's
`migrations/env.py` is `run_env(metadata)`; its first revision makes the chassis tables with `create_chassis_tables`.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.tables import service_metadata

_LOCK = 0x746F_6E67_6D69_6772


def service_config(service: str) -> Config:
    """The Alembic configuration of a service, made from code: there is no ini file to forget."""
    package = import_module(f"services.{service}" if find_spec(f"services.{service}") else service)  # the entrance is no service
    assert package.__file__ is not None
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def newest_revision(service: str) -> str:
    """The head of the service's tree; raises when there are two."""
    head = ScriptDirectory.from_config(service_config(service)).get_current_head()
    assert head is not None
    return head


async def upgrade(service: str, dsn: str, revision: str = "head") -> bool:
    """Bring the service's database to a revision. True when something was done."""
    head = newest_revision(service) if revision == "head" else revision

    def run(connection: Connection) -> bool:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
        if MigrationContext.configure(connection).get_current_revision() == head:
            return False
        config = service_config(service)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        return True

    return bool(await _in_transaction(dsn, run))


async def downgrade(service: str, dsn: str, revision: str) -> None:
    """Bring the service's database back to a revision; "base" empties it."""

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
        config = service_config(service)
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    await _in_transaction(dsn, run)


async def drift(service: str, dsn: str, metadata: MetaData) -> list[Any]:
    """Differences between the database and the service's tables; empty when the migrations say what the code says."""

    def run(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts=_OPTIONS), metadata))

    found: list[Any] = await _in_transaction(dsn, run)
    return found


async def revise(service: str, dsn: str, message: str) -> None:
    """Write a new revision from the difference between an up-to-date database and the service's tables."""

    def run(connection: Connection) -> None:
        config = service_config(service)
        config.attributes["connection"] = connection
        template = Path(str(config.get_main_option("script_location"))) / "script.py.mako"
        template.write_text((Path(config.get_template_directory()) / "generic" / "script.py.mako").read_text())
        try:
            command.revision(config, message, autogenerate=True)
        finally:
            template.unlink()

    await _in_transaction(dsn, run)


_OPTIONS: dict[str, Any] = {"compare_type": True, "compare_server_default": True}


def run_env(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` does: run in the connection and transaction it was given."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, **_OPTIONS)
    context.run_migrations()


def create_chassis_tables(op: Operations | Any) -> None:
    """The chassis tables, for a service's first revision."""
    service_metadata().create_all(op.get_bind())


def drop_chassis_tables(op: Operations | Any) -> None:
    service_metadata().drop_all(op.get_bind())


async def _in_transaction(dsn: str, run: Callable[[Connection], Any]) -> Any:
    engine = create_async_engine("postgresql+asyncpg://" + dsn.split("://", 1)[1], poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(run)
    finally:
        await engine.dispose()


def main() -> None:
    """`python -m chassis.migrations revision <service> "<message>" <dsn>`: write a revision against an up-to-date database."""
    import sys

    if len(sys.argv) != 5 or sys.argv[1] != "revision":
        raise SystemExit(main.__doc__)
    asyncio.run(revise(sys.argv[2], sys.argv[4], sys.argv[3]))


if __name__ == "__main__":
    main()
