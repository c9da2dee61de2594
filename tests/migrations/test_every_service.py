"""The migration history of every service: up, down, up again, no drift, one head, nothing half."""

from collections.abc import Callable

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.migrations import downgrade, drift, newest_revision, upgrade
from gateway.tables import metadata
from host.services import GATEWAY, SERVICES

FreshDatabase = Callable[[str], str]


async def objects(dsn: str) -> set[str]:
    """Tables, sequences, views, functions and types in the public schema, Alembic's own table left aside."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
            " UNION SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'"
            " UNION SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public' AND t.typtype = 'e'"
        )
    finally:
        await connection.close()
    return {row["name"] for row in rows if not row["name"].startswith("alembic_version")}


@pytest.mark.parametrize("service", SERVICES)
async def test_up_leaves_no_drift_down_leaves_nothing_and_up_again_is_the_same(service: str, fresh_database: FreshDatabase) -> None:
    dsn = fresh_database(f"stairs_{service}")
    assert await upgrade(service, dsn)
    first = await objects(dsn)
    assert {"outbox", "inbox", "dead_letters", "idempotency_keys", "personal_data_reads"} < first
    assert await drift(service, dsn, SERVICES[service].metadata) == []
    await downgrade(service, dsn, "base")
    assert await objects(dsn) == set()
    assert await upgrade(service, dsn)
    assert await objects(dsn) == first


async def test_the_gateway_s_own_tree_climbs_the_stairs_too(fresh_database: FreshDatabase) -> None:
    dsn = fresh_database("stairs_gateway")
    assert await upgrade(GATEWAY, dsn)
    first = await objects(dsn)
    assert {"rate_counts", "ix_rate_counts_ends_at", "seen_signatures", "ix_seen_signatures_until"} < first
    assert await drift(GATEWAY, dsn, metadata) == []
    await downgrade(GATEWAY, dsn, "base")
    assert await objects(dsn) == set()
    assert await upgrade(GATEWAY, dsn)
    assert not await upgrade(GATEWAY, dsn)


@pytest.mark.parametrize("service", SERVICES)
async def test_an_upgrade_that_is_up_to_date_does_nothing(service: str, fresh_database: FreshDatabase) -> None:
    dsn = fresh_database(f"twice_{service}")
    assert await upgrade(service, dsn)
    assert not await upgrade(service, dsn)


@pytest.mark.parametrize("service", SERVICES)
def test_there_is_one_head(service: str) -> None:
    assert newest_revision(service)


async def test_drift_is_seen(fresh_database: FreshDatabase) -> None:
    dsn = fresh_database("drifted")
    await upgrade("approval", dsn)
    engine = create_async_engine("postgresql+asyncpg://" + dsn.split("://", 1)[1])
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE inbox ADD COLUMN surprise text"))
    await engine.dispose()
    found = await drift("approval", dsn, SERVICES["approval"].metadata)
    assert "surprise" in str(found)


async def test_an_upgrade_that_fails_leaves_nothing_half(fresh_database: FreshDatabase) -> None:
    dsn = fresh_database("broken")
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE outbox (in_the_way int)")
    await connection.execute("CREATE TABLE cases (in_the_way int)")
    before = await objects(dsn)
    with pytest.raises(Exception, match="already exists"):
        await upgrade("approval", dsn)
    assert await objects(dsn) == before
    await connection.close()
