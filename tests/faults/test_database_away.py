"""The database goes away and comes back: who asks is told to come again, nothing is half done, and all goes on by itself."""

import asyncio
import time

import httpx
import pytest

from host.demo.journey import STEPS, Journey
from host.services import SERVICES
from tests.faults.installation import Installation
from tests.faults.journeys import RETRY_SECONDS, steps_between, watched_journey
from tests.faults.ledger import open_ledger

pytestmark = pytest.mark.xdist_group("faults-postgres")
_AWAY_SECONDS = 3.0


async def test_requests_are_asked_to_come_again_while_the_database_is_away_for_three_seconds(on_postgres: Installation) -> None:
    await on_postgres.whole()
    ledger = await open_ledger(on_postgres)
    async with watched_journey(on_postgres) as (journey, watcher):
        await _take(journey, "sign_up", "fill_in_form")
        await _sign_everyone_in(journey)
        await asyncio.to_thread(on_postgres.postgres.stop)
        began = time.monotonic()
        while time.monotonic() < began + _AWAY_SECONDS:
            for answer in await asyncio.gather(*_requests_of_all(journey)):
                _assert_come_again(answer)
        await asyncio.to_thread(on_postgres.postgres.start)

        async with on_postgres.databases() as ask:
            drafts = await ask.rows("intake", "SELECT state, number FROM applications WHERE id = $1", journey.story.application_id)
        assert drafts == [{"state": "draft", "number": None}]
        await _take(journey, "submit", "wallet")
        await ledger.settled(journey, watcher)


async def test_connections_cut_before_every_step_are_made_again(on_postgres: Installation) -> None:
    await on_postgres.whole()
    ledger = await open_ledger(on_postgres)
    async with watched_journey(on_postgres) as (journey, watcher):
        for step in STEPS:
            async with on_postgres.databases() as ask:
                cut = await ask.count(
                    "intake",
                    "FROM pg_stat_activity WHERE application_name LIKE 'tongban-%' AND pid <> pg_backend_pid() AND pg_terminate_backend(pid)",
                )
            assert cut >= len(SERVICES)
            await journey.take(step, retry_seconds=RETRY_SECONDS)
        await ledger.settled(journey, watcher)


async def _take(journey: Journey, first: str, last: str) -> None:
    for step in steps_between(first, last):
        await journey.take(step, retry_seconds=RETRY_SECONDS)


async def _sign_everyone_in(journey: Journey) -> None:
    for who in ("citizen", "organisation", "clerk", "reviewer", "system"):
        await journey.token(who)


def _requests_of_all(journey: Journey) -> list[asyncio.Task[httpx.Response]]:
    """A read or a write of every service, all of them good."""
    application = f"/api/intake/v1/applications/{journey.story.application_id}"
    wanted = [
        ("GET", "/api/identity/v1/me", "citizen"),
        ("GET", f"/api/catalog/v1/items/{journey.cast.item_code}", None),
        ("GET", "/api/certificates/v1/wallet", "organisation"),
        ("GET", application, "organisation"),
        ("POST", f"{application}/submit", "organisation"),
        ("GET", "/api/approval/v1/tasks", "reviewer"),
        ("GET", "/api/exchange/v1/subscriptions", "system"),
        ("GET", "/api/exchange/v1/evidence/checkpoint", None),
    ]
    return [asyncio.create_task(_request(journey, *one)) for one in wanted]


async def _request(journey: Journey, method: str, path: str, who: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {await journey.token(who)}"} if who else {}
    if method == "POST":
        headers |= {"If-Match": journey.story.application_etag, "Idempotency-Key": f"{journey.run_id}.away"}
    return await journey.http.request(method, path, headers=headers)


def _assert_come_again(answer: httpx.Response) -> None:
    told = (answer.request.url.path, answer.status_code, answer.headers.get("content-type"))
    assert told[1:] == (503, "application/problem+json"), told
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["type"].endswith(("unavailable", "peer-unavailable"))
