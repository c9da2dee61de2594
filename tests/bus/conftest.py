"""The two buses behind one fixture: every test of the contract runs against both, on real servers."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
import secrets

import pytest

from bus import Bus
from bus.kafka import KafkaBus
from bus.postgres import PostgresBus
from host.stack.kafka import KafkaBroker
from host.stack.postgres import EmbeddedPostgres
from host.stack.processes import free_ports


@dataclass
class Backend:
    """One kind of bus and the server behind it, which the test may stop, start and kill."""

    kind: str
    address: str
    server: EmbeddedPostgres | KafkaBroker

    def bus(self, name: str = "test") -> Bus:
        return KafkaBus(self.address, client_id=name) if self.kind == "kafka" else PostgresBus(self.address, application_name=name)


@pytest.fixture(scope="session")
def bus_postgres(scratch: Path) -> Iterator[EmbeddedPostgres]:
    """A server of the bus tests' own: they stop it, and it must come back on the same port."""
    server = EmbeddedPostgres(scratch / "bus-postgres", port=free_ports(1)[0], settings={"fsync": "off"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def bus_database(bus_postgres: EmbeddedPostgres) -> str:
    name = f"bus_{secrets.token_hex(4)}"
    await bus_postgres.ensure_databases([name])
    return bus_postgres.dsn(name)


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "kafka":
        broker: KafkaBroker = request.getfixturevalue("kafka_broker")
        return Backend("kafka", broker.bootstrap, broker)
    return Backend("postgres", request.getfixturevalue("bus_database"), request.getfixturevalue("bus_postgres"))


@pytest.fixture
async def bus(backend: Backend) -> AsyncIterator[Bus]:
    started = backend.bus()
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def topic(bus: Bus) -> str:
    """A topic of four partitions that no other test knows."""
    name = f"tongban.test.{secrets.token_hex(6)}"
    await bus.ensure_topics({name: 4})
    return name


@pytest.fixture
def group() -> str:
    return f"group-{secrets.token_hex(4)}"
