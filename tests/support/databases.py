"""A migrated database per test: copied from one template per service and worker, emptied after the test and given to the next.

A run takes more than a thousand of them. Making one writes 8 MB of new files and can take a third of a second; only the few tables that
a test filled are emptied. One whose schema a test changed, or that cannot be emptied, is thrown away.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import pytest

from chassis.migrations import upgrade

_SCHEMA = """
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT format('%s %s %s %s', relname, relkind, relnatts, relchecks) AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) AS lines
"""
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
)
_EMPTY = f"""
    DO $$
    DECLARE
        name text; is_filled boolean; filled text[] := '{{}}';
    BEGIN
        PERFORM pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
        SET LOCAL session_replication_role = replica;  -- what never changes may be emptied all the same
        SET LOCAL lock_timeout = '3s';
        FOR name IN {_TABLES} LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_filled;
            IF is_filled THEN
                filled := filled || quote_ident(name);
            END IF;
        END LOOP;
        IF cardinality(filled) > 0 THEN
            EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
        END IF;
        PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
            FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END $$
"""


class Template:
    """A service's migrated database, and what its migrations left in it."""

    def __init__(self, url: str, schema: str, rows: list[tuple[str, str]]) -> None:
        self.url, self.schema, self.rows = url, schema, rows

    async def renew(self, url: str) -> bool:
        """Make a copy what the template is; False where its schema is another."""
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(_EMPTY)
                for table, row in self.rows:
                    await connection.execute(f'INSERT INTO "{table}" SELECT * FROM json_populate_record(NULL::"{table}", $1)', row)
            is_the_same: bool = await connection.fetchval(_SCHEMA) == self.schema
            return is_the_same
        finally:
            await connection.close()


class MigratedDatabases:
    """Calling it with a service's name gives a database with that service's schema: its URL."""

    def __init__(self, fresh_database: Any) -> None:
        self._fresh = fresh_database
        self._templates: dict[str, Template] = {}
        self._spare: dict[str, list[str]] = defaultdict(list)
        self._count = 0
        self.given: list[tuple[str, str]] = []
        """Service and URL of what tests have in hand."""

    async def __call__(self, service: str) -> str:
        url = self._spare[service].pop() if self._spare[service] else await self._copy(service)
        self.given.append((service, url))
        return url

    async def _copy(self, service: str) -> str:
        template = self._templates.get(service) or await self._migrated(service)
        self._count += 1
        server, _, name = template.url.rpartition("/")
        copy = f"{service}_copy_{self._count}"
        connection = await asyncpg.connect(f"{server}/postgres")
        try:
            await connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}" STRATEGY FILE_COPY')
        finally:
            await connection.close()
        return f"{server}/{copy}"

    async def _migrated(self, service: str) -> Template:
        url = self._fresh(f"template_{service}")
        await upgrade(service, url)
        connection = await asyncpg.connect(url)
        try:
            tables = [row["relname"] for row in await connection.fetch(_TABLES)]
            rows = [
                (table, row["row"])
                for table in tables
                for row in await connection.fetch(f'SELECT row_to_json(t)::text AS row FROM "{table}" t')
            ]
            self._templates[service] = Template(url, await connection.fetchval(_SCHEMA), rows)
        finally:
            await connection.close()
        return self._templates[service]

    def take_back(self, number: int) -> None:
        """What was given after so many were in hand is emptied for the next test, or dropped."""
        while len(self.given) > number:
            service, url = self.given.pop()
            if self._renewed(service, url):
                self._spare[service].append(url)
            else:
                self._fresh.drop(url)

    def _renewed(self, service: str, url: str) -> bool:
        with ThreadPoolExecutor(1) as threads:  # the test's own event loop may be running
            try:
                return threads.submit(lambda: asyncio.run(self._templates[service].renew(url))).result()
            except (asyncpg.PostgresError, OSError, TimeoutError):
                return False


@pytest.fixture(scope="session")
def migrated_database(fresh_database: Any) -> MigratedDatabases:
    return MigratedDatabases(fresh_database)


@pytest.fixture(autouse=True)
def _databases_of_this_test_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """Comes after the fixtures of wider scope, which keep theirs, and ends after everything else of the test."""
    if "migrated_database" not in request.fixturenames:
        yield
        return
    databases: MigratedDatabases = request.getfixturevalue("migrated_database")
    before = len(databases.given)
    yield
    databases.take_back(before)
