"""Webhooks: signed, in order per key, at least once, visible when they fail."""

import asyncio
from dataclasses import dataclass
from typing import Any

from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver, algorithms
from joserfc.jwk import OKPKey
import pytest
from sqlalchemy import text

from services.exchange.consumers.evidence import evidence
from tests.exchange.conftest import ACCEPTED, APPLICATION, OTHER_DEPARTMENT, Exchange, Heard, Opened, Subscriber


@dataclass
class ReceivedMessage:
    """What a receiver verifies: the request as it came in."""

    method: str
    url: str
    headers: dict[str, str]


async def verify(exchange: Exchange, heard: Heard) -> dict[str, str]:
    """Verify with nothing but the published key; answers what the signature covers. Raises InvalidSignature."""
    (jwk,) = (await exchange.service.http.get("/keys")).json()["keys"]
    public_key: Any = OKPKey.import_key(jwk).public_key
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=MappingKeyResolver(public_keys={jwk["kid"]: public_key}, private_keys={})
    )
    message = ReceivedMessage("POST", heard.url, heard.headers)
    (result,) = verifier.verify(message, expect_tag="tongban-webhook", max_age=None, body=heard.body)
    covered: dict[str, str] = result.covered_components
    return covered


async def test_a_subscriber_hears_of_its_own_departments_events_signed_and_whole(exchange: Exchange, subscriber: Subscriber) -> None:
    assert (await exchange.subscribe(subscriber.url, ACCEPTED)).status_code == 201
    event_id = await exchange.bring({"application_id": "a-1", "item": {"name": "食品经营许可"}})
    await exchange.bring({}, authority=OTHER_DEPARTMENT)
    await exchange.bring({}, authority=None)
    await exchange.bring({}, event_type=f"{APPLICATION}.submitted.v1")
    assert await exchange.round() == 1
    (heard,) = subscriber.heard
    covered = await verify(exchange, heard)
    assert {name.strip('"') for name in covered} >= {
        "@method",
        "@target-uri",
        "content-digest",
        "content-type",
        "ce-id",
        "ce-type",
        "ce-authority",
    }
    assert (heard.headers["ce-id"], heard.headers["ce-type"], heard.headers["ce-subject"]) == (event_id, ACCEPTED, "a-1")
    assert heard.headers["ce-specversion"] == "1.0"
    assert subscriber.bodies() == [{"application_id": "a-1", "item": {"name": "食品经营许可"}}]
    (delivery,) = await exchange.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["last_status"], delivery["next_attempt_at"]) == ("delivered", 1, 204, None)


@pytest.mark.parametrize("forged", ["body", "header", "url"])
async def test_a_webhook_changed_on_the_way_is_not_believed(exchange: Exchange, subscriber: Subscriber, forged: str) -> None:
    await exchange.subscribe(subscriber.url)
    await exchange.bring({"outcome": "refused"})
    await exchange.round()
    (heard,) = subscriber.heard
    match forged:
        case "body":
            heard.body = b'{"outcome":"granted"}'
        case "header":
            heard.headers["ce-type"] = "tongban.approval.case.decided.v1"
        case _:
            heard.url = heard.url.replace("/hooks", "/other")
    with pytest.raises(InvalidSignature):
        await verify(exchange, heard)


async def test_an_event_told_twice_is_delivered_once(exchange: Exchange, subscriber: Subscriber) -> None:
    await exchange.subscribe(subscriber.url)
    event_id = await exchange.bring({})
    await exchange.bring({}, event_id=event_id)
    await exchange.round()
    assert len(subscriber.heard) == 1


async def test_events_of_one_key_are_sent_in_order_and_a_failure_holds_back_only_its_key(
    exchange: Exchange, subscriber: Subscriber
) -> None:
    await exchange.subscribe(subscriber.url)
    subscriber.answers["a-1"] = [500, 503]
    for number in range(3):
        await exchange.bring({"n": number}, key="a-1")
        await exchange.bring({"n": number}, key="a-2")
    await exchange.round()
    assert [
        body["n"] for heard, body in zip(subscriber.heard, subscriber.bodies(), strict=True) if heard.headers["ce-subject"] == "a-2"
    ] == [0, 1, 2]
    held = [delivery for delivery in await exchange.deliveries() if delivery["key"] == "a-1"]
    assert [(delivery["state"], delivery["attempts"], delivery["last_status"]) for delivery in held] == [
        ("waiting", 1, 500),
        ("waiting", 0, None),
        ("waiting", 0, None),
    ]
    assert held[0]["next_attempt_at"] is not None
    assert await exchange.later(0.5) == 0
    await exchange.later(1)
    await exchange.later(2)
    of_first = [
        body["n"] for heard, body in zip(subscriber.heard, subscriber.bodies(), strict=True) if heard.headers["ce-subject"] == "a-1"
    ]
    assert of_first == [0, 0, 0, 1, 2]
    assert {delivery["state"] for delivery in await exchange.deliveries()} == {"delivered"}


async def test_an_event_replayed_after_its_delivery_is_not_sent_again_and_leaves_no_lane(
    exchange: Exchange, subscriber: Subscriber
) -> None:
    await exchange.subscribe(subscriber.url)
    event_id = await exchange.bring({})
    await exchange.round()
    async with exchange.service.runtime.db.write() as tx:
        await tx.execute(text("DELETE FROM inbox"))
    await exchange.bring({}, event_id=event_id)
    assert await exchange.round() == 0
    async with exchange.service.runtime.db.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM lanes")) == 0
    assert len(subscriber.heard) == 1


@pytest.mark.parametrize("status", [301, 404, 410, 429, 500])
async def test_only_2xx_counts_as_delivered_and_redirects_are_not_followed(exchange: Exchange, subscriber: Subscriber, status: int) -> None:
    await exchange.subscribe(subscriber.url)
    subscriber.answers["a-1"] = [status]
    await exchange.bring({})
    await exchange.round()
    assert len(subscriber.heard) == 1
    (delivery,) = await exchange.deliveries()
    assert (delivery["state"], delivery["last_status"]) == ("waiting", status)


async def test_a_subscriber_that_cannot_be_reached_is_tried_again(exchange: Exchange, unused_tcp_port: int) -> None:
    await exchange.subscribe(f"http://127.0.0.1:{unused_tcp_port}/")
    await exchange.bring({})
    await exchange.round()
    (delivery,) = await exchange.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["last_status"], delivery["last_error"]) == ("waiting", 1, None, "not-reached")


async def test_a_subscriber_that_does_not_answer_in_time_is_tried_again(open_exchange: Opened, subscriber: Subscriber) -> None:
    never = asyncio.Event()

    async def hang(heard: Heard) -> None:
        await never.wait()

    subscriber.when_heard = hang
    async with open_exchange(webhook_timeout_seconds=0.2) as exchange:
        await exchange.subscribe(subscriber.url)
        await exchange.bring({})
        await exchange.round()
        never.set()
        (delivery,) = await exchange.deliveries()
        assert (delivery["state"], delivery["last_error"]) == ("waiting", "timeout")


async def test_after_the_last_attempt_a_delivery_is_dead_and_its_key_waits_for_the_subscriber(
    open_exchange: Opened, subscriber: Subscriber
) -> None:
    async with open_exchange(webhook_attempts=3) as exchange:
        await exchange.subscribe(subscriber.url)
        subscriber.answers["a-1"] = [500] * 3
        await exchange.bring({"n": 0})
        await exchange.bring({"n": 1})
        for _ in range(4):
            await exchange.later(3600)
        await exchange.bring({"n": 2})
        assert await exchange.later(3600) == 0
        assert [delivery["state"] for delivery in await exchange.deliveries()] == ["dead", "waiting", "waiting"]
        assert len(await exchange.deliveries(state="dead")) == 1
        dead = (await exchange.deliveries())[0]
        again = await exchange.service.http.post(f"/deliveries/{dead['id']}/redeliver", headers=exchange.system)
        assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (202, "waiting", 0)
        await exchange.round()
        assert [body["n"] for body in subscriber.bodies()] == [0, 0, 0, 0, 1, 2]


async def test_what_was_delivered_can_be_sent_once_more(exchange: Exchange, subscriber: Subscriber) -> None:
    await exchange.subscribe(subscriber.url)
    await exchange.bring({"n": 0})
    await exchange.bring({"n": 1})
    await exchange.round()
    first = (await exchange.deliveries())[0]
    await exchange.service.http.post(f"/deliveries/{first['id']}/redeliver", headers=exchange.system)
    await exchange.round()
    assert [body["n"] for body in subscriber.bodies()] == [0, 1, 0]
    assert (await exchange.deliveries())[0]["state"] == "delivered"


async def test_two_processes_never_send_one_delivery_at_the_same_time(open_exchange: Opened, subscriber: Subscriber) -> None:
    async with open_exchange(webhook_concurrency=8) as first, open_exchange(webhook_concurrency=8) as second:
        await first.subscribe(subscriber.url)
        for number in range(30):
            await first.bring({"n": number // 6}, key=f"a-{number % 6}")
        under_way: set[str] = set()

        async def note(heard: Heard) -> None:
            key = heard.headers["ce-subject"]
            assert key not in under_way
            under_way.add(key)
            await asyncio.sleep(0)
            under_way.discard(key)

        subscriber.when_heard = note
        while any(await asyncio.gather(first.round(), second.round())):
            pass
        assert len(subscriber.heard) == len({heard.event_id for heard in subscriber.heard}) == 30
        for key in range(6):
            numbers = [
                body["n"]
                for heard, body in zip(subscriber.heard, subscriber.bodies(), strict=True)
                if heard.headers["ce-subject"] == f"a-{key}"
            ]
            assert numbers == [0, 1, 2, 3, 4]


async def test_what_a_dead_process_was_sending_is_sent_again_when_its_claim_runs_out(open_exchange: Opened, subscriber: Subscriber) -> None:
    async with open_exchange() as dying, open_exchange() as living:
        await dying.subscribe(subscriber.url)
        await dying.bring({})
        hanging = asyncio.Event()

        async def hang(heard: Heard) -> None:
            hanging.set()
            await asyncio.Event().wait()

        subscriber.when_heard = hang
        assert await dying.courier.send_due() == 1
        await hanging.wait()
        await dying.courier.settle(0)
        subscriber.when_heard = None
        assert await living.round() == 0
        assert await living.later(60) == 1
        assert len(subscriber.heard) == 2
        assert [delivery["state"] for delivery in await living.deliveries()] == ["delivered"]


async def test_a_slow_subscriber_does_not_hold_back_another(open_exchange: Opened, subscriber: Subscriber) -> None:
    async with open_exchange(webhook_concurrency=4) as exchange:
        await exchange.subscribe(subscriber.url + "&slow", name="slow")
        await exchange.subscribe(subscriber.url, name="main")
        release, quick = asyncio.Event(), asyncio.Event()

        async def slow_or_quick(heard: Heard) -> None:
            if heard.url.endswith("&slow"):
                await release.wait()
            else:
                quick.set()

        subscriber.when_heard = slow_or_quick
        for number in range(6):
            await exchange.bring({}, key=f"a-{number}")
        for _ in range(3):
            await exchange.courier.send_due()
        await asyncio.wait_for(quick.wait(), 5)
        release.set()
        await exchange.courier.settle(10)
        await exchange.round()
        assert len(subscriber.heard) == 12


async def test_the_running_courier_wakes_at_the_commit_and_stops_cleanly(open_exchange: Opened, subscriber: Subscriber) -> None:
    heard = asyncio.Event()

    async def note(_: Heard) -> None:
        heard.set()

    subscriber.when_heard = note
    async with open_exchange(run_webhooks=True) as exchange:
        await exchange.subscribe(subscriber.url)
        await exchange.bring({"n": 1})
        await asyncio.wait_for(heard.wait(), 5)
    assert subscriber.bodies() == [{"n": 1}]


async def test_a_name_that_stands_for_this_machine_is_not_called_where_only_the_outside_is_allowed(
    open_exchange: Opened, subscriber: Subscriber
) -> None:
    async with open_exchange(webhook_allow_private=False) as exchange:
        assert (await exchange.subscribe(subscriber.url)).status_code == 422
        assert (await exchange.subscribe(subscriber.url.replace("127.0.0.1", "localhost"))).status_code == 201
        await exchange.bring({})
        await exchange.round()
        (delivery,) = await exchange.deliveries()
        assert (delivery["state"], delivery["last_error"]) == ("waiting", "private-address")
        assert subscriber.heard == []


async def test_what_is_not_plain_ascii_is_quoted_in_headers_and_verifies(exchange: Exchange, subscriber: Subscriber) -> None:
    await exchange.subscribe(subscriber.url)
    await exchange.bring({}, key="甲 100%")
    await exchange.round()
    (heard,) = subscriber.heard
    assert heard.headers["ce-subject"] == "%E7%94%B2%20100%25"
    await verify(exchange, heard)


async def test_both_consumers_hear_of_an_event_with_their_own_positions(exchange: Exchange, subscriber: Subscriber) -> None:
    await exchange.subscribe(subscriber.url)
    event_id = await exchange.bring({})
    assert APPLICATION in evidence.topics
    assert (await exchange.service.http.get(f"/evidence/proofs/{event_id}")).status_code == 200
    assert [delivery["event_id"] for delivery in await exchange.deliveries()] == [event_id]
