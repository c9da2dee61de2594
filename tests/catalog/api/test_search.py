"""Search over the sample city: what people type finds what they mean."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.conftest import Publish
from tests.catalog.sample import CITY_REGIONS, item, sample_items
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

FOOD = "food-business-permit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    async with running_service(create_app, CatalogSettings, database_url=await migrated_database("catalog")) as service:
        admin = service.as_("service", "catalog.admin")
        await service.http.put("/regions", json={"regions": CITY_REGIONS}, headers=admin)
        for local_code, content in sample_items().items():
            answer = await service.http.put(f"/items/{local_code}", json=content, headers=admin)
            assert answer.status_code == 201, f"{local_code}: {answer.text}"
        yield service


async def _codes(service: ServiceUnderTest, **query: Any) -> list[str]:
    answer = await service.http.get("/items", params=query)
    assert answer.status_code == 200, answer.text
    return [found["local_code"] for found in answer.json()["data"]]
