"""A client's quota from its registration to its 429."""

from typing import Any

import pytest

from tests.entrance.conftest import OPEN_TO_ALL, City, bearer


async def test_a_client_registered_with_a_quota_has_it_and_no_other(city: City) -> None:
    made = await city.put_client("sys-small", request_quota=2)
    assert (made.status_code, made.json()["request_quota"]) == (201, 2)
    plain = await city.put_client("sys-plain")
    tokens = [
        (await city.token(client_id=one.json()["client_id"], client_secret=one.json()["secret"])).json()["access_token"]
        for one in (made, plain)
    ]
    small = [await city.http.get(OPEN_TO_ALL, headers=bearer(tokens[0])) for _ in range(3)]
    other = await city.http.get(OPEN_TO_ALL, headers=bearer(tokens[1]))
    assert [answer.status_code for answer in small] == [200, 200, 429]
    assert small[0].headers["ratelimit-policy"] == '"client";q=2;w=60'
    assert small[2].headers["ratelimit"].startswith('"client";r=0;t=') and int(small[2].headers["retry-after"]) <= 60
    assert (other.status_code, other.headers["ratelimit-policy"]) == (200, '"client";q=30000;w=60')


async def test_a_changed_quota_comes_with_the_next_token(city: City) -> None:
    secret = (await city.put_client("sys-grown", request_quota=2)).json()["secret"]
    assert (await city.put_client("sys-grown", request_quota=3)).status_code == 200
    token = (await city.token(client_id="sys-grown", client_secret=secret)).json()["access_token"]
    answer = await city.http.get(OPEN_TO_ALL, headers=bearer(token))
    assert answer.headers["ratelimit-policy"] == '"client";q=3;w=60'


@pytest.mark.parametrize("quota", [0, -1, 10_000_001, 2.5, "many", True])
async def test_a_quota_that_is_none_is_refused_when_it_is_registered(city: City, quota: Any) -> None:
    answer = await city.put_client("sys-odd", request_quota=quota)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/request_quota")
