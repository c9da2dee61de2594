"""A suite whose every part can be taken away: its processes, its PostgreSQL, its broker.

The parts outside the suite (PostgreSQL, Kafka) belong to the test and keep their ports, so that a killed one is started again as an
operator's service manager would do it; the suite's own processes are started again by the suite.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
import random
from typing import Any

import asyncpg
import httpx

from host.services import BORDERS_PORT_OFFSET, SERVICES
from host.stack.kafka import KafkaBroker
from host.stack.postgres import EmbeddedPostgres
from host.stack.processes import free_ports
from tests.support.suite import RunningSuite, Shape, running_suite
from tests.support.waiting import until

SHORT_WEBHOOKS = {"TONGBAN_EXCHANGE_WEBHOOK_TIMEOUT_SECONDS": "1"}
"""A lane whose courier was killed is taken over when an attempt's time is over: waited for here, so make it short."""

POSTGRES, KAFKA = "postgres", "kafka"


@dataclass(frozen=True, slots=True)
class Installation:
    """One running suite and the servers below it."""

    suite: RunningSuite
    postgres: EmbeddedPostgres
    broker: KafkaBroker | None = None

    def strike(self, victim: str, chance: random.Random) -> None:
        """SIGKILL to one process of a part. Blocking. PostgreSQL and Kafka are killed whole and started again."""
        if victim == POSTGRES:
            self.postgres.kill()
            self.postgres.start()
        elif victim == KAFKA:
            assert self.broker is not None
            self.broker.kill()
            self.broker.start()
        else:
            chance.choice(sorted(self.suite.processes_of(victim), key=lambda process: int(process.pid))).kill()

    def pids(self, victim: str) -> set[int]:
        """The processes of a part of the suite; of PostgreSQL its first one."""
        if victim == POSTGRES:
            return {int((self.postgres.directory / "pgdata" / "postmaster.pid").read_text().split()[0])}
        if victim == KAFKA:
            assert self.broker is not None
            return {int((self.broker.directory / "kafka.pid").read_text())}
        return {process.pid for process in self.suite.processes_of(victim)}

    async def whole(self, *, seconds: float = 60.0) -> None:
        """Wait until every part that listens answers that it is ready."""
        ready = [0] if self.suite.shape == "single" else [0, *(entry.port_offset for entry in SERVICES.values())]
        offsets = {"readyz": ready, "healthz": [BORDERS_PORT_OFFSET]}
        urls = [f"http://127.0.0.1:{self.suite.port + offset}/{path}" for path, places in offsets.items() for offset in places]
        async with httpx.AsyncClient(timeout=5) as http:

            async def is_whole() -> bool:
                return all([await _is_ready(http, url) for url in urls])

            await until(is_whole, seconds=seconds)

    @asynccontextmanager
    async def databases(self) -> AsyncIterator["Databases"]:
        """A look into the databases of all services."""
        async with AsyncExitStack() as stack:
            opened: dict[str, asyncpg.Connection] = {}
            for service, entry in SERVICES.items():
                opened[service] = await asyncpg.connect(self.postgres.dsn(entry.database))
                stack.push_async_callback(opened[service].close)
            yield Databases(opened)


@dataclass(frozen=True, slots=True)
class Databases:
    """A connection to each service's own database."""

    connections: Mapping[str, asyncpg.Connection]

    async def rows(self, service: str, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.connections[service].fetch(statement, *arguments)]

    async def count(self, service: str, query: str, *arguments: Any) -> int:
        """How many rows a query `FROM … WHERE …` finds."""
        return int(await self.connections[service].fetchval(f"SELECT count(*) {query}", *arguments))


@contextmanager
def installed(folder: Path, shape: Shape, *, broker: KafkaBroker | None = None) -> Iterator[Installation]:
    """A suite on a PostgreSQL of the test's own, which keeps its port; running while the block runs."""
    postgres = EmbeddedPostgres(folder / "postgres", port=free_ports(1)[0], settings={"fsync": "off"})
    postgres.start()
    try:
        variables = {"TONGBAN_DATABASE_URL": postgres.dsn("").rstrip("/"), **SHORT_WEBHOOKS}
        suite = RunningSuite(folder / "suite", shape, kafka=broker.bootstrap if broker else None, variables=variables)
        with running_suite(suite):
            yield Installation(suite, postgres, broker)
    finally:
        postgres.stop()


async def _is_ready(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
