"""The journey goes on after parts of the suite, or all of it, were killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host.demo.journey import STEPS
from tests.support.suite import RunningSuite, journey_through, running_suite

pytestmark = pytest.mark.xdist_group("suite-processes")
_PATIENCE = 90.0


@pytest.fixture(params=["single", "processes"])
def own(request: pytest.FixtureRequest, scratch: Path) -> Iterator[RunningSuite]:
    """A suite of the test's own, to be killed."""
    with running_suite(RunningSuite(scratch / f"suite-killed-{request.param}", request.param)) as running:
        yield running


async def test_the_journey_goes_on_after_everything_was_killed_at_once(own: RunningSuite) -> None:
    async with journey_through(own, up_to="accept") as journey:
        own.kill()
        own.restart()
        for step in STEPS[9:11]:
            await journey.take(step, retry_seconds=_PATIENCE)
        if own.shape == "processes":
            for service in ("approval", "certificates", "exchange", "gateway"):
                own.kill(service)
        for step in STEPS[11:]:
            await journey.take(step, retry_seconds=_PATIENCE)
        await journey.unsubscribe()
    own.stop()
