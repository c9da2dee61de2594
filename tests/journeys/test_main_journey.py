"""The main journey, in every shape the suite runs in."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from host.demo.journey import STEPS, Journey
from host.demo.story import ACCEPTED, DECIDED, ISSUED
from tests.support.suite import RunningSuite, journey_through


async def test_a_citizen_gets_a_licence_from_sign_up_to_wallet(suite: RunningSuite) -> None:
    async with journey_through(suite) as journey:
        for step in STEPS:
            assert await journey.take(step), step.key
        story = journey.story
        assert len(story.hands) == 2
        assert set(story.events) == {ACCEPTED, DECIDED, ISSUED}
        assert story.certificate_identifier.startswith(f"1.2.156.3005.2.{journey.cast.item.result_certificate_type}.")
        await journey.unsubscribe()


async def test_a_second_run_at_the_same_suite_makes_a_second_licence(suite: RunningSuite) -> None:
    made = []
    for _ in range(2):
        async with journey_through(suite, up_to="webhooks") as journey:
            made.append(journey.story)
            await journey.unsubscribe()
    assert made[0].person_id == made[1].person_id
    assert made[0].certificate_identifier != made[1].certificate_identifier


@pytest.mark.xdist_group("suite-single")
async def test_every_step_taken_twice_has_one_effect(single: RunningSuite) -> None:
    async with journey_through(single, up_to="draft") as journey:
        before = await _everything_of(journey)
        for step in STEPS[5:]:
            await journey.take(step)
            await journey.take(step)
        after = await _everything_of(journey)
        assert after["applications"] == [journey.story.application_id, *before["applications"]]
        assert after["certificates"] == [journey.story.certificate_id, *before["certificates"]]
        mine = [event_id for event_id, webhook in journey.receiver.received.items() if _is_about(webhook.body, journey)]
        assert len(mine) == 3, "one acceptance, one decision, one certificate"
        uses = [use async for use in _rows(journey, "/api/certificates/v1/wallet/uses")]
        assert sum(use["application_id"] == journey.story.application_id for use in uses) == 1
        await journey.unsubscribe()


def _is_about(body: dict[str, Any], journey: Journey) -> bool:
    return bool(body.get("application_id") == journey.story.application_id)


async def _everything_of(journey: Journey) -> dict[str, list[str]]:
    """What the organisation has: its applications and its certificates, newest first."""
    applications = [row["id"] async for row in _rows(journey, "/api/intake/v1/applications")]
    certificates = [row["id"] async for row in _rows(journey, "/api/certificates/v1/wallet")]
    return {"applications": applications, "certificates": certificates}


async def _rows(journey: Journey, path: str) -> AsyncIterator[dict[str, Any]]:
    async for row in journey.rows(path, await journey.token("organisation")):
        yield row
