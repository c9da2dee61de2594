"""The sources at the border: one budget for all, a breaker each, fall-back in order, and nothing but a clear answer believed."""

import asyncio
from typing import Any

from fastapi import FastAPI
import pytest

from borders.app import Behaviour, create_app
from chassis.http import Answer, Request, TransportFailed
from chassis.transports import InProcessTransport
from services.identity.clients.border import BorderSource
from services.identity.clients.verifiers import Verifiers
from services.identity.rules.verification import Check, Evidence
from services.identity.settings import IdentitySettings
from tests.identity.provider import CARD, FACE, LI, NOODLES, WANG

EVERYTHING = Evidence(WANG.name, WANG.citizen_id, CARD.phone, CARD.card, FACE.liveness_reference)
NUMBER_ONLY = Evidence(WANG.name, WANG.citizen_id, CARD.phone)
HUNG = Behaviour(mode="slow", delay_ms=60_000)


def stand_in() -> FastAPI:
    return create_app(people=[WANG], organisations=[NOODLES], cards=[CARD], faces=[FACE])


def verifiers_of(transport: Any, seconds: float = 3.0, **change: Any) -> Verifiers:
    urls = {
        f"{name}_url": "http://border/" for name in ("population_base", "legal_person_base", "bank_channel", "face_service")
    }  # fmt: skip
    return Verifiers(transport, IdentitySettings(**{**urls, "border_seconds": seconds, **change}))


class Recording:
    """Passes requests on and remembers them."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = InProcessTransport(lambda _: app)
        self.requests: list[tuple[str, Request]] = []

    async def send(self, peer: str, request: Request) -> Answer:
        self.requests.append((peer, request))
        return await self._inner.send(peer, request)

    async def close(self) -> None:
        """Nothing is open."""


class Failing:
    """Reaches nobody and counts how often it was tried."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(self, peer: str, request: Request) -> Answer:
        self.asked.append(peer)
        raise TransportFailed("nobody there", is_sent=False)

    async def close(self) -> None:
        """Nothing is open."""


async def test_the_first_clear_answer_counts_and_nobody_else_is_asked() -> None:
    transport = Recording(stand_in())
    verifiers = verifiers_of(transport)
    assert await verifiers.verify_person(EVERYTHING) == [Check("population-base", "match")]
    wrong_name = Evidence("王大明", WANG.citizen_id, CARD.phone, CARD.card)
    assert await verifiers.verify_person(wrong_name) == [Check("population-base", "mismatch")]
    assert [peer for peer, _ in transport.requests] == ["population-base"] * 2


async def test_each_source_is_asked_with_what_it_needs_and_no_more() -> None:
    transport = Recording(stand_in())
    await verifiers_of(transport).verify_person(EVERYTHING, above=2)
    [(peer, request)] = transport.requests
    assert peer == "bank-channel"
    assert FACE.liveness_reference.encode() not in request.body


async def test_every_source_judges_by_its_own_record() -> None:
    verifiers = verifiers_of(InProcessTransport(lambda _: stand_in()))
    other_card = Evidence(WANG.name, WANG.citizen_id, "13900000009", CARD.card)
    assert await verifiers.verify_person(other_card, above=2) == [Check("bank-channel", "mismatch")]
    face_of_wang = Evidence(LI.name, LI.citizen_id, "13900000002", None, FACE.liveness_reference)
    assert await verifiers.verify_person(face_of_wang, above=2) == [Check("face-service", "mismatch")]
    claim = {"name": NOODLES.name, "uscc": NOODLES.uscc, "representative_name": WANG.name}
    assert await verifiers.verify_organisation(**claim, representative_citizen_id=WANG.citizen_id) == "match"
    assert await verifiers.verify_organisation(**claim, representative_citizen_id=LI.citizen_id) == "mismatch"


async def test_with_the_first_source_hung_the_next_answers_within_the_one_budget() -> None:
    border = stand_in()
    border.state.behaviours["population-base"] = HUNG
    transport = Recording(border)
    checks = await verifiers_of(transport, seconds=0.6).verify_person(EVERYTHING)
    assert checks == [Check("population-base", "unreachable"), Check("bank-channel", "match")]
    assert transport.requests[0][1].timeout <= 0.2  # a third: two more could be asked
    assert sum(request.timeout for _, request in transport.requests) <= 0.6


async def test_with_all_sources_hung_the_answer_still_comes_within_the_budget() -> None:
    border = stand_in()
    border.state.behaviour = HUNG
    transport = Recording(border)
    checks = await verifiers_of(transport, seconds=0.15).verify_person(EVERYTHING)
    assert [check.finding for check in checks] == ["unreachable"] * 3
    assert all(request.timeout <= 0.15 for _, request in transport.requests)


async def test_the_order_of_falling_back_is_a_setting() -> None:
    border = stand_in()
    border.state.behaviours["face-service"] = Behaviour(mode="down")
    verifiers = verifiers_of(InProcessTransport(lambda _: border), verifier_order=["face-service", "population-base"])
    assert await verifiers.verify_person(EVERYTHING) == [Check("face-service", "unreachable"), Check("population-base", "match")]


@pytest.mark.parametrize("mode", ["down", "garbage", "contradictory", "stranger"])
async def test_refusals_babble_contradictions_and_answers_about_somebody_else_are_not_believed(mode: Any) -> None:
    border = stand_in()
    border.state.behaviour = Behaviour(mode=mode)
    assert await verifiers_of(InProcessTransport(lambda _: border)).verify_person(NUMBER_ONLY) == [Check("population-base", "unreachable")]


async def test_without_an_address_nobody_is_asked() -> None:
    failing = Failing()
    verifiers = Verifiers(failing, IdentitySettings())
    assert await verifiers.verify_person(NUMBER_ONLY) == [Check("population-base", "unreachable")]
    assert failing.asked == []


async def test_a_source_that_keeps_failing_is_left_alone_and_the_others_are_not() -> None:
    failing = Failing()
    verifiers = verifiers_of(failing)
    for _ in range(8):
        assert await verifiers.verify_person(NUMBER_ONLY) == [Check("population-base", "unreachable")]
    assert failing.asked == ["population-base"] * 5
    await verifiers.verify_organisation(name="x", uscc="y", representative_name="z", representative_citizen_id="w")
    assert failing.asked[5:] == ["legal-person-base"]


async def test_after_the_pause_one_request_tries_and_its_success_lets_all_through() -> None:
    border = stand_in()
    border.state.behaviour = Behaviour(mode="down")
    now = 100.0
    transport = Recording(border)
    source = BorderSource(transport, "population-base", "http://border", "/verify-person", now=lambda: now)
    claim = {"name": WANG.name, "citizen_id": WANG.citizen_id}
    for _ in range(6):
        assert await source.ask(claim, seconds=1.0) == "unreachable"
    assert (len(transport.requests), source.is_worth_asking) == (5, False)
    now += 5.0
    assert source.is_worth_asking
    border.state.behaviour = HUNG
    probing = await asyncio.gather(*(source.ask(claim, seconds=0.05) for _ in range(4)))
    assert (probing, len(transport.requests)) == (["unreachable"] * 4, 6)
    now += 5.0
    border.state.behaviour = Behaviour()
    assert await source.ask(claim, seconds=1.0) == "match"
    assert source.is_worth_asking
