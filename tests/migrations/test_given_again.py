"""The tests' own databases: one that was given back is, for the next test, what its service's migrations made."""

import asyncpg

from tests.support.databases import MigratedDatabases


async def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_what_a_test_wrote_is_gone_and_what_the_migrations_wrote_is_back(migrated_database: MigratedDatabases) -> None:
    """`log_state` has one row, made by a migration; a connection that was left open is in nobody's way."""
    number = len(migrated_database.given)
    url = await migrated_database("exchange")
    [(sequence,)] = await _rows(url, "SELECT pg_get_serial_sequence('outbox', 'seq')")
    await _rows(url, f"SELECT nextval('{sequence}'), nextval('{sequence}')")
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica; UPDATE log_state SET size = 7")
    migrated_database.take_back(number)
    assert await migrated_database("exchange") == url
    assert await _rows(url, "SELECT id, size, length(peaks) FROM log_state") == [(1, 0, 0)]
    assert await _rows(url, f"SELECT nextval('{sequence}')") == [(1,)]
    assert connection.is_closed()


async def test_one_whose_schema_was_changed_is_not_given_again(migrated_database: MigratedDatabases) -> None:
    number = len(migrated_database.given)
    url = await migrated_database("exchange")
    await _rows(url, "ALTER TABLE inbox ADD COLUMN surprise text")
    migrated_database.take_back(number)
    assert await migrated_database("exchange") != url
