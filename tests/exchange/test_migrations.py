"""The exchange's database: up, down, and as the code says."""

from typing import Any

import asyncpg

from chassis.migrations import downgrade, drift, upgrade
from services.exchange.tables import metadata


async def test_the_database_is_what_the_tables_say_and_can_be_taken_down_again(fresh_database: Any) -> None:
    url = fresh_database("exchange_migrations")
    assert await upgrade("exchange", url) is True
    assert await upgrade("exchange", url) is False
    assert await drift("exchange", url, metadata) == []
    await downgrade("exchange", url, "base")
    connection = await asyncpg.connect(url)
    left = await connection.fetch("SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace")
    await connection.close()
    assert [row["relname"] for row in left] == ["alembic_version"]
    assert await upgrade("exchange", url) is True
