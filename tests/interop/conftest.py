"""A suite in one process that certified clients, unmodified, sign people on with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.suite import RunningSuite, running_suite


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("interop"))
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="package")
def provider(scratch: Path) -> Iterator[RunningSuite]:
    with running_suite(RunningSuite(scratch / "interop", "single")) as suite:
        yield suite
