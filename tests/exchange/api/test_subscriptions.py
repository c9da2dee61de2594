"""A department keeps its subscriptions, and sees only its own."""

from typing import Any

import pytest

from tests.exchange.conftest import ACCEPTED, DEPARTMENT, OTHER_DEPARTMENT, Exchange

URL = "http://127.0.0.1:9999/hooks"


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:tongban:problem:")


def other(exchange: Exchange) -> dict[str, str]:
    return exchange.service.as_("system", "exchange.subscribe", department=OTHER_DEPARTMENT)


async def test_setting_a_subscription_again_changes_it_and_makes_no_second(exchange: Exchange) -> None:
    first = await exchange.subscribe(URL, ACCEPTED)
    second = await exchange.subscribe(URL + "/new", "*")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    listed = (await exchange.service.http.get("/subscriptions", headers=exchange.system)).json()
    assert [(row["url"], row["event_types"]) for row in listed["data"]] == [(URL + "/new", ["*"])]


async def test_a_subscription_without_types_is_paused(exchange: Exchange) -> None:
    body = {"url": URL, "event_types": []}
    assert (await exchange.service.http.put("/subscriptions/main", json=body, headers=exchange.system)).status_code == 201
    await exchange.bring({})
    assert await exchange.deliveries() == []


async def test_two_departments_may_use_one_name_and_do_not_see_each_other(exchange: Exchange) -> None:
    await exchange.subscribe(URL)
    await exchange.subscribe(URL + "/other", headers=other(exchange))
    await exchange.bring({})
    (delivery,) = await exchange.deliveries()
    theirs = await exchange.service.http.get("/subscriptions/main/deliveries", headers=other(exchange))
    assert theirs.json()["data"] == []
    refused = await exchange.service.http.post(f"/deliveries/{delivery['id']}/redeliver", headers=other(exchange))
    assert problem(refused) == (404, "delivery-not-found")
    listed = (await exchange.service.http.get("/subscriptions", headers=other(exchange))).json()["data"]
    assert [row["url"] for row in listed] == [URL + "/other"]


async def test_a_subscription_that_is_not_there_has_no_deliveries(exchange: Exchange) -> None:
    answer = await exchange.service.http.get("/subscriptions/nothing/deliveries", headers=exchange.system)
    assert problem(answer) == (404, "subscription-not-found")


@pytest.mark.parametrize(
    ("body", "slug", "pointer"),
    [
        ({"url": "http://user@127.0.0.1/", "event_types": ["*"]}, "webhook-url-refused", "/url"),
        ({"url": "gopher://127.0.0.1/", "event_types": ["*"]}, "webhook-url-refused", "/url"),
        ({"url": URL, "event_types": ["*", "tongban.nothing.v1"]}, "unknown-event-type", "/event_types/1"),
        ({"url": URL}, "invalid-request", "/event_types"),
        ({"url": 5, "event_types": ["*"]}, "invalid-request", "/url"),
        ({"url": URL, "event_types": ["*"], "secret": "x"}, "invalid-request", "/secret"),
    ],
)
async def test_a_bad_subscription_is_refused_with_the_place_and_changes_nothing(
    exchange: Exchange, body: dict[str, Any], slug: str, pointer: str
) -> None:
    refused = await exchange.service.http.put("/subscriptions/main", json=body, headers=exchange.system)
    assert problem(refused) == (422, slug)
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert (await exchange.service.http.get("/subscriptions", headers=exchange.system)).json()["data"] == []


async def test_only_systems_of_a_department_subscribe(exchange: Exchange) -> None:
    as_ = exchange.service.as_
    assert problem(await exchange.subscribe(URL, headers=as_("person", "exchange.subscribe"))) == (403, "wrong-kind-of-actor")
    assert problem(await exchange.subscribe(URL, headers=as_("system", department=DEPARTMENT))) == (403, "missing-scope")
    assert problem(await exchange.subscribe(URL, headers=as_("system", "exchange.subscribe"))) == (403, "no-department")
    assert (await exchange.service.http.put("/subscriptions/main", json={})).status_code == 401


async def test_deliveries_are_read_in_pages_newest_first(exchange: Exchange) -> None:
    await exchange.subscribe(URL)
    ids = [await exchange.bring({}, key=f"a-{number}") for number in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await exchange.service.http.get("/subscriptions/main/deliveries", params=query, headers=exchange.system)).json()
        seen += [row["event_id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


async def test_published_keys_hold_no_private_half(exchange: Exchange) -> None:
    (key,) = (await exchange.service.http.get("/keys")).json()["keys"]
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")
    assert "d" not in key
