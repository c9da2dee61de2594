"""The bases at the border: a time budget, a breaker, and nothing but a clear answer believed."""

from typing import Any

import pytest

from borders.app import Behaviour, create_app
from chassis.http import Answer, Request, TransportFailed
from chassis.transports import InProcessTransport
from services.identity.clients.bases import Bases
from tests.identity.provider import LI, NOODLES, WANG


def bases_of(transport: Any, seconds: float = 3.0) -> Bases:
    return Bases(transport, population_base_url="http://base/", legal_person_base_url="http://base", seconds=seconds)


async def test_a_clear_answer_is_the_finding() -> None:
    border = create_app(people=[WANG], organisations=[NOODLES])
    bases = bases_of(InProcessTransport(lambda _: border))
    assert await bases.verify_person(name=WANG.name, citizen_id=WANG.citizen_id) == "match"
    assert await bases.verify_person(name="王大明", citizen_id=WANG.citizen_id) == "mismatch"
    assert await bases.verify_person(name=LI.name, citizen_id=LI.citizen_id) == "unknown"
    claim = {"name": NOODLES.name, "uscc": NOODLES.uscc, "representative_name": WANG.name}
    assert await bases.verify_organisation(**claim, representative_citizen_id=WANG.citizen_id) == "match"
    assert await bases.verify_organisation(**claim, representative_citizen_id=LI.citizen_id) == "mismatch"


@pytest.mark.parametrize("behaviour", [Behaviour(mode="down"), Behaviour(mode="garbage"), Behaviour(mode="slow", delay_ms=5000)])
async def test_late_broken_and_refused_answers_are_all_unreachable(behaviour: Behaviour) -> None:
    border = create_app(people=[WANG], organisations=[])
    border.state.behaviour = behaviour
    bases = bases_of(InProcessTransport(lambda _: border), seconds=0.1)
    assert await bases.verify_person(name=WANG.name, citizen_id=WANG.citizen_id) == "unreachable"


async def test_without_an_address_nobody_is_asked() -> None:
    bases = Bases(Failing(), population_base_url=None, legal_person_base_url=None, seconds=3.0)
    assert await bases.verify_person(name="x", citizen_id="y") == "unreachable"


class Failing:
    """A transport that reaches nobody and counts how often it was tried."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def send(self, peer: str, request: Request) -> Answer:
        self.requests.append(request)
        raise TransportFailed("nobody there", is_sent=False)

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_base_that_keeps_failing_is_left_alone_and_the_other_is_not() -> None:
    failing = Failing()
    bases = bases_of(failing)
    for _ in range(8):
        assert await bases.verify_person(name="x", citizen_id="y") == "unreachable"
    assert len(failing.requests) == 5
    await bases.verify_organisation(name="x", uscc="y", representative_name="z", representative_citizen_id="w")
    assert len(failing.requests) == 6
    assert all(request.timeout == 3.0 for request in failing.requests)
