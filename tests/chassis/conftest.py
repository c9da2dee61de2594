"""The toy service on a database of its own, migrated or not: its tables are made straight from its metadata."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.chassis.toy.app import CONSUMERS, ToySettings, create_app, metadata
from tests.support.service import ServiceUnderTest, running_service

Make = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def toy_database(fresh_database: Any) -> str:
    url: str = fresh_database("toy")
    engine = create_async_engine("postgresql+asyncpg://" + url.split("://", 1)[1], poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    return url


@pytest.fixture
async def toy(toy_database: str) -> AsyncIterator[ServiceUnderTest]:
    """Running with neither relay nor consumers."""
    async with running_service(create_app, ToySettings, database_url=toy_database, consumers=CONSUMERS) as service:
        yield service


@pytest.fixture
def maker(toy: ServiceUnderTest) -> dict[str, str]:
    """Request headers of one who may make things."""
    return toy.as_("person", "toy.make")


@pytest.fixture
def make(toy: ServiceUnderTest, maker: dict[str, str]) -> Make:
    async def post(name: str = "box", *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        return await toy.http.post("/things", json={"name": name, **body}, headers={**maker, **(headers or {})})

    return post
