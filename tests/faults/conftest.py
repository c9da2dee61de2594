"""Two installations to break, each started once for the tests of one worker."""

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from host.stack.kafka import KafkaBroker
from host.stack.processes import free_ports
from tests.conftest import KAFKA_JARS
from tests.faults.installation import Installation, installed

pytest.register_assert_rewrite("tests.faults.ledger", "tests.faults.journeys")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(400))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the installation's processes wrote last: nobody can look into their logs afterwards."""
    report = yield
    for value in getattr(item, "funcargs", {}).values() if report.failed else ():
        if isinstance(value, Installation):
            report.sections.append(("the installation's logs", value.suite.logs()))
    return report


@pytest.fixture(scope="session")
def on_postgres(scratch: Path, at_the_folders_end: ExitStack) -> Installation:
    """One process per service, the bus in PostgreSQL. Mark its tests xdist_group("faults-postgres")."""
    return at_the_folders_end.enter_context(installed(scratch / "faults-postgres", "processes"))


@pytest.fixture(scope="session")
def on_kafka(scratch: Path, at_the_folders_end: ExitStack) -> Installation:
    """The stack: several gateways and intakes, the bus in Kafka. Mark its tests kafka.

    The broker is not the one the other tests share: suites on one broker share their consumer groups, and so each other's events.
    """
    port, controller_port = free_ports(2)
    broker = KafkaBroker(scratch / "faults-kafka", jars=KAFKA_JARS, port=port, controller_port=controller_port)
    broker.start()
    at_the_folders_end.callback(broker.stop)
    return at_the_folders_end.enter_context(installed(scratch / "faults-stack", "stack", broker=broker))
