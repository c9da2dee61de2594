"""A migrated database per test, copied from one template per service and worker: migrating once, copying in milliseconds.

What a test copied is dropped after it: a run makes more than a thousand of them.
"""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from chassis.migrations import upgrade


class MigratedDatabases:
    """Calling it with a service's name creates one more database with that service's schema and answers its URL."""

    def __init__(self, fresh_database: Any) -> None:
        self._fresh = fresh_database
        self._templates: dict[str, str] = {}
        self._count = 0
        self.copies: list[str] = []

    async def __call__(self, service: str) -> str:
        template = self._templates.get(service)
        if template is None:
            template = self._fresh(f"template_{service}")
            await upgrade(service, template)
            self._templates[service] = template
        self._count += 1
        server, _, name = template.rpartition("/")
        copy = f"{service}_copy_{self._count}"
        connection = await asyncpg.connect(f"{server}/postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}" STRATEGY FILE_COPY')
        finally:
            await connection.close()
        self.copies.append(f"{server}/{copy}")
        return self.copies[-1]

    def drop_since(self, number: int) -> None:
        """Drop the copies made after there were so many."""
        while len(self.copies) > number:
            self._fresh.drop(self.copies.pop())


@pytest.fixture(scope="session")
def migrated_database(fresh_database: Any) -> MigratedDatabases:
    return MigratedDatabases(fresh_database)


@pytest.fixture(autouse=True)
def _copies_of_this_test_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """Comes after the fixtures of wider scope, whose copies stay, and ends after everything else of the test."""
    if "migrated_database" not in request.fixturenames:
        yield
        return
    databases: MigratedDatabases = request.getfixturevalue("migrated_database")
    before = len(databases.copies)
    yield
    databases.drop_since(before)
