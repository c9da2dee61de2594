"""A suite in one process that certified clients, unmodified, sign people on with."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.suite import RunningSuite, running_suite


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("interop"))
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def provider(scratch: Path, at_the_folders_end: ExitStack) -> RunningSuite:
    return at_the_folders_end.enter_context(running_suite(RunningSuite(scratch / "interop", "single")))
