"""The clock across National Day 2026: 1 to 7 October are off, Saturday 10 October is worked for it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import LOCAL_ZONE
from host.demo.journey import STEPS, Journey
from host.demo.story import Story
from tests.support.suite import RunningSuite, journey_through, running_suite

pytestmark = pytest.mark.xdist_group("suite-rehearsal")

MONDAY = date(2026, 9, 28)
MADE_UP_SATURDAY = date(2026, 10, 10)
DUE = date(2026, 10, 14)
"""Eight working days: 29 and 30 September, 8, 9, 10, 12, 13 and 14 October."""
DAY_AFTER = date(2026, 10, 15)


@pytest.fixture
def rehearsal(scratch: Path) -> Iterator[RunningSuite]:
    """A suite that believes it is ten in the morning of 28 September 2026."""
    suite = RunningSuite(scratch / "suite-rehearsal", "single", variables=_clock_at(MONDAY))
    with running_suite(suite) as running:
        yield running


async def test_the_promised_limit_skips_the_holiday_and_counts_the_made_up_saturday(rehearsal: RunningSuite) -> None:
    in_time, late = await _accepted(rehearsal), await _accepted(rehearsal)
    for story in (in_time, late):
        assert (story.accepted_on, story.due_on) == (MONDAY.isoformat(), DUE.isoformat())

    _move_to(rehearsal, MADE_UP_SATURDAY)
    async with _going_on(rehearsal, in_time) as journey:
        await _take(journey, "review", "decide", "certificate", "track")
        assert await _clock(journey) == {"used": 5, "left": 3, "light": "green", "due": DUE.isoformat()}
        assert (await _tracking(journey))["is_on_time"] is True

    _move_to(rehearsal, DAY_AFTER)
    async with _going_on(rehearsal, late) as journey:
        tracking = await _tracking(journey)
        assert (tracking["light"], tracking["working_days_left"]) == ("red", -1)
        await _take(journey, "review", "decide", "certificate", "track")
        assert await _clock(journey) == {"used": 9, "left": -1, "light": "red", "due": DUE.isoformat()}
        tracking = await _tracking(journey)
        assert (tracking["is_on_time"], tracking["decided_on"]) == (False, DAY_AFTER.isoformat())


async def _accepted(suite: RunningSuite) -> Story:
    async with journey_through(suite, up_to="review", max_age=None) as journey:
        return journey.story


@asynccontextmanager
async def _going_on(suite: RunningSuite, story: Story) -> AsyncIterator[Journey]:
    async with journey_through(suite, max_age=None) as journey:
        journey.story = story
        yield journey


async def _take(journey: Journey, *keys: str) -> None:
    for step in STEPS:
        if step.key in keys:
            await journey.take(step)


async def _clock(journey: Journey) -> dict[str, Any]:
    path = f"/api/approval/v1/cases/{journey.story.case_id}/clock"
    clock = (await journey.gateway.call("GET", path, token=await journey.token("decider"))).json()
    return {"used": clock["working_days_used"], "left": clock["working_days_left"], "light": clock["light"], "due": clock["due_on"]}


async def _tracking(journey: Journey) -> dict[str, Any]:
    answer: dict[str, Any] = (await journey.gateway.call("GET", f"/api/intake/v1/tracking/{journey.story.tracking_code}")).json()
    return answer


def _move_to(suite: RunningSuite, day: date) -> None:
    suite.stop()
    suite.variables |= _clock_at(day)
    suite.restart()


def _clock_at(day: date) -> dict[str, str]:
    """The settings of a suite for which it is ten in the morning of that day now."""
    wanted = datetime(day.year, day.month, day.day, 10, tzinfo=LOCAL_ZONE)
    return {"TONGBAN_CLOCK_OFFSET_SECONDS": str(int((wanted - datetime.now(UTC)).total_seconds()))}
