"""The toy service on a database of its own, migrated or not: its tables are made straight from its metadata."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.chassis.toy.app import CONSUMERS, ToySettings, create_app, metadata
from tests.support.service import ServiceUnderTest, running_service

Make = Callable[..., Awaitable[httpx.Response]]


class ToyDatabases:
    """Makes the toy's tables once and copies them: a database of its own for every test, in milliseconds."""

    def __init__(self, fresh_database: Any) -> None:
        self._fresh = fresh_database
        self._template: str | None = None
        self._count = 0

    async def __call__(self) -> str:
        if self._template is None:
            self._template = self._fresh("template_toy")
            engine = create_async_engine("postgresql+asyncpg://" + self._template.split("://", 1)[1], poolclass=NullPool)
            async with engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
            await engine.dispose()
        self._count += 1
        server, _, name = self._template.rpartition("/")
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute(f'CREATE DATABASE "toy_copy_{self._count}" TEMPLATE "{name}" STRATEGY FILE_COPY')
        await connection.close()
        return f"{server}/toy_copy_{self._count}"

    def drop(self, url: str) -> None:
        """Throw a copy away."""
        self._fresh.drop(url)


@pytest.fixture(scope="session")
def toy_databases(fresh_database: Any) -> ToyDatabases:
    return ToyDatabases(fresh_database)


@pytest.fixture
async def toy_database(toy_databases: ToyDatabases) -> AsyncIterator[str]:
    url = await toy_databases()
    yield url
    toy_databases.drop(url)


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
