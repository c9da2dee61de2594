"""The catalog under test, with the regions of a city loaded."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.sample import CITY_REGIONS
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

Publish = Callable[[str, dict[str, Any]], Awaitable[httpx.Response]]


@pytest.fixture
async def catalog(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    async with running_service(
        create_app, CatalogSettings, database_url=await migrated_database("catalog"), switching_seconds=0
    ) as service:
        answer = await service.http.put("/regions", json={"regions": CITY_REGIONS}, headers=service.as_("service", "catalog.admin"))
        assert answer.status_code == 200, answer.text
        yield service


@pytest.fixture
def admin(catalog: ServiceUnderTest) -> dict[str, str]:
    return catalog.as_("service", "catalog.admin")


@pytest.fixture
def publish(catalog: ServiceUnderTest, admin: dict[str, str]) -> Publish:
    async def put(local_code: str, content: dict[str, Any]) -> httpx.Response:
        return await catalog.http.put(f"/items/{local_code}", json=content, headers=admin)

    return put
