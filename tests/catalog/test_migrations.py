"""The catalog's migrations say what its tables say, up and down."""

from typing import Any

from chassis.migrations import downgrade, drift, upgrade
from services.catalog.tables import metadata


async def test_the_schema_goes_up_down_and_up_again_without_drift(fresh_database: Any) -> None:
    dsn = fresh_database("catalog_stairway")
    await upgrade("catalog", dsn)
    assert await drift("catalog", dsn, metadata) == []
    await downgrade("catalog", dsn, "base")
    await upgrade("catalog", dsn)
    assert await drift("catalog", dsn, metadata) == []
