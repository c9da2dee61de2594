"""The suite in its shapes, each started once and shared by the tests of one worker."""

from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest

from tests.support.suite import RunningSuite, Shape, running_suite

_SHAPES = [
    pytest.param("single", marks=pytest.mark.xdist_group("suite-single")),
    pytest.param("processes", marks=pytest.mark.xdist_group("suite-processes")),
    pytest.param("stack", marks=pytest.mark.kafka),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session", params=_SHAPES)
def suite(request: pytest.FixtureRequest, scratch: Path, at_the_folders_end: ExitStack) -> RunningSuite:
    """One after another: everything in one process (`single`), one process per service, and the stack with Kafka."""
    shape: Shape = request.param
    if shape == "single":
        return cast(RunningSuite, request.getfixturevalue("single"))
    kafka = request.getfixturevalue("kafka_broker").bootstrap if shape == "stack" else None
    return at_the_folders_end.enter_context(running_suite(RunningSuite(scratch / f"suite-{shape}", shape, kafka=kafka)))


@pytest.fixture(scope="session")
def single(scratch: Path, at_the_folders_end: ExitStack) -> RunningSuite:
    """Everything in one process; for tests that need no other shape. Mark them xdist_group("suite-single")."""
    return at_the_folders_end.enter_context(running_suite(RunningSuite(scratch / "suite-single", "single")))
