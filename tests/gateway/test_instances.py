"""Several instances of a service: who is asked, who is left alone, what is tried again, and when requests are turned away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import random

import pytest
from starlette.types import Receive, Scope, Send

from chassis.http import PeerUnavailable
from gateway.gates import INTERVAL, TARGET, Gate, Overloaded
from gateway.instances import FAILURES, SHORTEST_REST, Instances, RetryBudget
from host.serving import serving
from host.stack.processes import free_ports
from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import Toy, never, read_all, reply, replying
from tests.gateway.wire import raw_server
from tests.support.waiting import until

BASES = ["http://a", "http://b", "http://c"]


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def _instances(clock: Clock, bases: list[str] = BASES) -> Instances:
    return Instances("toy", bases, now=clock, chance=random.Random(1))


def test_of_two_picked_the_one_with_less_in_hand_is_asked() -> None:
    instances = _instances(Clock())
    instances.all[0].in_hand = 50

    asked = Counter(instances.choose().base for _ in range(300))

    assert asked["http://a"] == 0
    assert asked["http://b"] > 80
    assert asked["http://c"] > 80


def test_one_that_keeps_failing_is_left_alone_and_tried_again_later_by_one_request() -> None:
    clock = Clock()
    instances = _instances(clock)
    for _ in range(FAILURES):
        instances.failed(instances.all[0])
    assert {instances.choose().base for _ in range(50)} == {"http://b", "http://c"}

    clock.at += SHORTEST_REST
    asked = [instances.choose().base for _ in range(50)]

    assert asked[0] == "http://a"
    assert "http://a" not in asked[1:]
    instances.succeeded(instances.all[0])
    assert "http://a" in {instances.choose().base for _ in range(50)}


def test_it_rests_longer_each_time_it_fails_again() -> None:
    clock = Clock()
    instances = _instances(clock, ["http://a"])
    for _ in range(FAILURES + 1):
        instances.failed(instances.all[0])

    clock.at += SHORTEST_REST
    with pytest.raises(PeerUnavailable):
        instances.choose()
    clock.at += SHORTEST_REST
    assert instances.choose().base == "http://a"


def test_when_all_fail_requests_are_refused_at_once() -> None:
    instances = _instances(Clock())
    for instance in instances.all:
        for _ in range(FAILURES):
            instances.failed(instance)

    with pytest.raises(PeerUnavailable):
        instances.choose()


def test_a_good_check_brings_one_back_before_its_rest_is_over() -> None:
    instances = _instances(Clock(), ["http://a"])
    for _ in range(FAILURES):
        instances.failed(instances.all[0])

    instances.checked(instances.all[0], is_ready=True)

    assert instances.choose().base == "http://a"


def test_one_that_is_not_ready_is_asked_only_when_none_is() -> None:
    instances = _instances(Clock())
    instances.checked(instances.all[0], is_ready=False)
    assert {instances.choose().base for _ in range(50)} == {"http://b", "http://c"}

    for instance in instances.all:
        instances.checked(instance, is_ready=False)
    assert {instances.choose().base for _ in range(80)} == set(BASES)


def test_retries_are_a_tenth_of_requests_and_a_small_reserve() -> None:
    budget = RetryBudget(reserve=5)
    spent = 0
    for _ in range(1_000):
        budget.earn()
        spent += budget.spend()

    assert 100 <= spent <= 105


async def test_a_burst_waits_and_a_standing_line_does_not() -> None:
    clock = Clock()
    gate = Gate("toy", 1, clock)
    await gate.enter()
    first = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    assert (gate.waiting, gate.patience) == (1, INTERVAL)

    clock.at += INTERVAL

    assert gate.patience == TARGET
    with pytest.raises(Overloaded) as refusal:
        await gate.enter()
    assert int(refusal.value.headers["Retry-After"]) > 0
    gate.leave()
    await first


async def test_a_slot_is_not_lost_when_who_waited_for_it_goes() -> None:
    gate = Gate("toy", 1)
    await gate.enter()
    waiting = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    async with asyncio.timeout(1):
        await gate.enter()


@asynccontextmanager
async def _two(opened: OpenEntrance, network: Shape, **settings: object) -> AsyncIterator[tuple[Entrance, Toy, int]]:
    """An entrance with two instances of toy: its own, and another one on the port given."""
    other, [first, second] = Toy(), free_ports(2)
    async with serving(other, second, lifespan=False):
        bases = [f"http://127.0.0.1:{first}", f"http://127.0.0.1:{second}"]
        async with opened(network, addresses={"toy": bases[0]}, instances={"toy": bases}, **settings) as entrance:
            yield entrance, other, first


async def test_both_instances_share_the_work(opened: OpenEntrance, network: Shape) -> None:
    async with _two(opened, network) as (entrance, other, first), serving(entrance.toy, first, lifespan=False):
        for _ in range(40):
            assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200

        assert len(entrance.toy.seen) > 5
        assert len(other.seen) > 5


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_instance_that_is_down_is_noticed_by_nobody(opened: OpenEntrance, network: Shape, method: str) -> None:
    """Nothing was sent where nobody listens, so any request may be tried at the other."""
    async with _two(opened, network) as (entrance, other, _):
        statuses = {(await entrance.http.request(method, "/api/toy/v1/x", content=b"body")).status_code for _ in range(40)}

        assert statuses == {200}
        assert {seen.body for seen in other.seen} == {b"body"}
        assert len(other.seen) == 40


async def test_an_instance_that_dies_while_answering_is_covered_for_reads_and_not_for_writes(opened: OpenEntrance, network: Shape) -> None:
    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(dying) as port:
        toy, [second] = Toy(), free_ports(1)
        async with serving(toy, second, lifespan=False):
            bases = [f"http://127.0.0.1:{port}", f"http://127.0.0.1:{second}"]
            async with opened(network, addresses={"toy": bases[0]}, instances={"toy": bases}) as entrance:
                reads = {(await entrance.http.get("/api/toy/v1/x")).status_code for _ in range(6)}
                writes = [(await entrance.http.post("/api/toy/v1/x", content=b"w")).status_code for _ in range(20)]

    assert reads == {200}
    assert 503 in writes
    assert sum(seen.method == "POST" for seen in toy.seen) == writes.count(200)


async def test_an_instance_that_says_it_is_not_ready_gets_no_more_requests(opened: OpenEntrance, network: Shape) -> None:
    async with _two(opened, network, check_seconds=0.02) as (entrance, other, first), serving(entrance.toy, first, lifespan=False):
        other.on("/readyz", replying(503, b"{}"))

        async def all_go_to_the_other() -> bool:
            other.seen.clear()
            for _ in range(12):
                await entrance.http.get("/api/toy/v1/x")
            return not other.seen

        await until(all_go_to_the_other)


async def test_a_service_that_is_slow_does_not_starve_the_others(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, connections=2) as entrance:
        entrance.toy.on("/api/toy/v1/never", never)
        hanging = [asyncio.create_task(entrance.http.get("/api/toy/v1/never")) for _ in range(6)]
        try:
            await until(lambda: _is_full(entrance))
            assert (await entrance.http.get("/api/identity/v1/x")).status_code == 200
        finally:
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)


async def test_under_lasting_overload_requests_are_refused_at_once_and_the_rest_answered(opened: OpenEntrance, network: Shape) -> None:
    may_go = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await may_go.wait()
        await reply(send, 200, b"{}")

    async with opened(network, connections=2) as entrance:
        entrance.toy.on("/api/toy/v1/slow", slow)
        asking = [asyncio.create_task(entrance.http.get("/api/toy/v1/slow")) for _ in range(8)]
        await until(lambda: sum(task.done() for task in asking) == 6)
        may_go.set()
        answers = await asyncio.gather(*asking)

    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 6
    assert {answer.json()["type"] for answer in refused} == {"urn:tongban:problem:overloaded"}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)


async def _is_full(entrance: Entrance) -> bool:
    return (await entrance.http.get("/api/toy/v1/x")).status_code == 503
