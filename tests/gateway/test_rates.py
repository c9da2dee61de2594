"""Quotas: whose they are, what headers say of them, and that several workers share them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import math
import random
from typing import Any
from uuid import uuid4

import httpx
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
import pytest

from chassis.clock import SystemClock
from chassis.database import Database
from chassis.migrations import upgrade
from gateway.counts import SLICE, Counts, PostgresCounts, Window
from tests.gateway.conftest import Entrance, OpenEntrance

WINDOW: Window = (b"whose", 2_000_000_000)


async def _get(entrance: Entrance, token: str | None = None, **headers: str) -> httpx.Response:
    return await entrance.http.get("/api/toy/v1/x", headers={**({"Authorization": f"Bearer {token}"} if token else {}), **headers})


async def test_an_answer_tells_of_the_quota_and_what_is_left(opened: OpenEntrance) -> None:
    async with opened("in-process", person_requests=10) as entrance:
        token = entrance.issuer.token("person")
        first, second = await _get(entrance, token), await _get(entrance, token)

    assert first.headers["ratelimit-policy"] == '"person";q=10;w=3600'
    name, left, reset = second.headers["ratelimit"].split(";")
    assert (name, left) == ('"person"', "r=8")
    assert 0 < int(reset.removeprefix("t=")) <= 3_600


async def test_beyond_its_quota_a_person_is_refused_until_the_window_ends_and_another_is_not(opened: OpenEntrance) -> None:
    async with opened("in-process", person_requests=2) as entrance:
        person = uuid4()
        answers = [await _get(entrance, entrance.issuer.token("person", subject=person, client_id=f"hall-{n}")) for n in range(3)]
        other = await _get(entrance, entrance.issuer.token("person"))
        seen = len(entrance.toy.seen)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[2]
    assert refused.json()["type"] == "urn:tongban:problem:rate-limited"
    assert refused.json()["violated_policies"] == ["person"]
    assert refused.headers["ratelimit"].startswith('"person";r=0;t=')
    assert 0 < int(refused.headers["retry-after"]) <= 3_600
    assert refused.headers["content-type"] == "application/problem+json"
    assert (other.status_code, seen) == (200, 3)


async def test_who_acts_for_many_has_one_quota(opened: OpenEntrance) -> None:
    """An agent does not gain a quota with each principal."""
    async with opened("in-process", person_requests=2) as entrance:
        agent = {"sub": str(uuid4()), "name": "代办"}
        statuses = [(await _get(entrance, entrance.issuer.token("person", act=agent))).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


async def test_a_client_system_has_the_quota_of_its_registration(opened: OpenEntrance) -> None:
    async with opened("in-process", client_requests=5) as entrance:
        plain = [await _get(entrance, entrance.issuer.token("system", client_id="plain")) for _ in range(6)]
        registered = [await _get(entrance, entrance.issuer.token("system", client_id="registered", rl=2)) for _ in range(3)]

    assert [answer.status_code for answer in plain] == [200] * 5 + [429]
    assert [answer.status_code for answer in registered] == [200, 200, 429]
    assert registered[0].headers["ratelimit-policy"] == '"client";q=2;w=3600'


async def test_people_of_a_client_with_a_registered_quota_share_it(opened: OpenEntrance) -> None:
    async with opened("in-process") as entrance:
        answers = [await _get(entrance, entrance.issuer.token("person", client_id="third-party", rl=2)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"person";q=3000;w=3600, "client";q=2;w=3600'


@pytest.mark.parametrize("claim", [True, -5, "9", None, 1.5, [3]])
async def test_a_registered_quota_that_is_none_is_ignored(opened: OpenEntrance, claim: Any) -> None:
    async with opened("in-process", client_requests=7) as entrance:
        answer = await _get(entrance, entrance.issuer.token("system", rl=claim))

    assert answer.headers["ratelimit-policy"] == '"client";q=7;w=3600'


async def test_without_a_token_each_source_has_a_quota(opened: OpenEntrance) -> None:
    async with opened("in-process", source_requests=2, trusted_proxies=["127.0.0.1/32"]) as entrance:
        first = [(await _get(entrance, **{"X-Forwarded-For": "203.0.113.1"})).status_code for _ in range(3)]
        other = (await _get(entrance, **{"X-Forwarded-For": "203.0.113.2"})).status_code

    assert (first, other) == ([200, 200, 429], 200)


async def test_an_ipv6_client_does_not_gain_a_quota_with_each_of_its_addresses(opened: OpenEntrance) -> None:
    async with opened("in-process", source_requests=2, trusted_proxies=["127.0.0.1/32"]) as entrance:
        statuses = [(await _get(entrance, **{"X-Forwarded-For": f"2001:db8:1:2::{n:x}"})).status_code for n in range(3)]
        other = (await _get(entrance, **{"X-Forwarded-For": "2001:db8:1:3::1"})).status_code

    assert (statuses, other) == ([200, 200, 429], 200)


async def test_bad_tokens_count_for_their_source_and_not_for_the_person_they_name(opened: OpenEntrance) -> None:
    async with opened("in-process", source_requests=3) as entrance:
        person = uuid4()
        forged = entrance.issuer.token("person", subject=person, seconds=-60)
        statuses = [(await _get(entrance, forged)).status_code for _ in range(5)]
        good = await _get(entrance, entrance.issuer.token("person", subject=person))

    assert statuses == [401, 401, 401, 429, 429]
    assert "r=2999" in good.headers["ratelimit"]


async def test_no_quota_no_headers(opened: OpenEntrance) -> None:
    async with opened("in-process", source_requests=0) as entrance:
        answer = await _get(entrance)

    assert "ratelimit" not in answer.headers


async def test_health_and_documents_are_not_counted(opened: OpenEntrance) -> None:
    async with opened("in-process", source_requests=1) as entrance:
        assert [(await entrance.http.get("/healthz")).status_code for _ in range(3)] == [200] * 3


class _Ledger:
    """A store in memory that answers after some turns of the loop."""

    def __init__(self, chance: random.Random) -> None:
        self.used = 0
        self.calls = 0
        self._chance = chance

    async def add(self, used: Any) -> dict[Window, int]:
        self.calls += 1
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        self.used += sum(count for _, count in used)
        total = self.used
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        return {WINDOW: total}

    async def sweep(self, before: int) -> None:
        """Nothing is old."""


@given(
    quota=st.integers(1, 120),
    workers=st.integers(1, 4),
    order=st.lists(st.integers(0, 3), min_size=1, max_size=400),
    seed=st.integers(0, 2**16),
)
@hypothesis_settings(max_examples=80, deadline=None)
def test_workers_together_never_grant_more_than_the_bound(quota: int, workers: int, order: list[int], seed: int) -> None:
    ledger = _Ledger(random.Random(seed))

    async def run() -> int:
        sides = [Counts(ledger) for _ in range(workers)]
        granted = 0
        for start in range(0, len(order), 7):
            asked = [sides[number % workers].take(WINDOW, quota) for number in order[start : start + 7]]
            granted += sum(await asyncio.gather(*asked))
        return granted

    granted = asyncio.run(run())

    assert granted <= quota + (workers - 1) * max(1, math.ceil(quota * SLICE))
    assert granted >= min(quota, len(order))


async def test_two_workers_share_a_quota_in_the_database_within_the_bound_and_without_a_trip_for_each_request(
    fresh_database: Callable[[str], str],
) -> None:
    dsn = fresh_database("rates")
    await upgrade("gateway", dsn)
    databases = [Database(dsn, service="gateway", clock=SystemClock(), pool_size=2) for _ in range(2)]
    trips = 0

    class Counting(PostgresCounts):
        async def add(self, used: Any) -> dict[Window, int]:
            nonlocal trips
            trips += 1
            return await super().add(used)

    workers = [Counts(Counting(db)) for db in databases]
    quota = 1_000

    async def busy(worker: Counts) -> int:
        return sum([await worker.take(WINDOW, quota) for _ in range(900)])

    granted = await asyncio.gather(*(busy(worker) for worker in workers))
    for db in databases:
        await db.close()

    assert quota <= sum(granted) <= quota + math.ceil(quota * SLICE)
    assert min(granted) > 0
    assert trips < 60


async def test_two_gateways_refuse_together_what_each_would_grant(opened: OpenEntrance, fresh_database: Callable[[str], str]) -> None:
    dsn = fresh_database("two_gateways")
    await upgrade("gateway", dsn)
    shared = {"shared_counts": True, "database_url": dsn, "person_requests": 40}
    async with opened("in-process", **shared) as one, opened("in-process", **shared) as other:
        person = uuid4()
        other.peers.on("GET", "identity", "/jwks", one.issuer.jwks())
        token = one.issuer.token("person", subject=person)
        statuses = [(await _get(side, token)).status_code for _ in range(30) for side in (one, other)]

    assert 40 <= statuses.count(200) <= 42
    assert statuses.count(429) == 60 - statuses.count(200)


async def test_with_the_database_away_each_worker_keeps_the_quota_alone(opened: OpenEntrance) -> None:
    async with opened(
        "in-process", shared_counts=True, database_url="postgresql://nobody@127.0.0.1:1/none", person_requests=30
    ) as entrance:
        token = entrance.issuer.token("person")
        statuses = [(await _get(entrance, token)).status_code for _ in range(35)]

    assert statuses == [200] * 30 + [429] * 5


async def test_old_windows_are_forgotten(fresh_database: Callable[[str], str]) -> None:
    dsn = fresh_database("sweep")
    await upgrade("gateway", dsn)
    db = Database(dsn, service="gateway", clock=SystemClock(), pool_size=1)
    store = PostgresCounts(db)
    ends = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    await store.add([((b"old", ends), 5), ((b"new", ends + 60), 7)])

    await store.sweep(ends + 1)

    assert await store.add([((b"old", ends), 1), ((b"new", ends + 60), 1)]) == {(b"old", ends): 1, (b"new", ends + 60): 8}
    await db.close()
