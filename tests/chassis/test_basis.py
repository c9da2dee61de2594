"""What a token was issued upon is asked for at every request, together where requests come together, never from an older answer."""

import asyncio
from collections.abc import Collection, Mapping
from uuid import uuid4

import pytest

from chassis.actor import Basis
from chassis.asking import AT_ONCE
from chassis.basis import BasisCheck, BasisEnded
from chassis.problems import Unavailable
from tests.support.peers import answer
from tests.support.service import ServiceUnderTest
from tests.support.tokens import Issuer


class Registry:
    """Standings that hold, questions asked, and a gate to keep a question under way."""

    def __init__(self) -> None:
        self.holding: set[Basis] = set()
        self.questions: list[list[Basis]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()

    async def ask(self, bases: Collection[Basis]) -> Mapping[Basis, bool]:
        self.questions.append(list(bases))
        read = dict.fromkeys(self.holding, True)
        self.asked.set()
        await self.gate.wait()
        return read


def some_standing() -> Basis:
    return Basis("mandate", uuid4(), 1)


async def test_what_holds_passes_and_what_ended_is_refused() -> None:
    registry, standing = Registry(), some_standing()
    check = BasisCheck(registry.ask)
    registry.holding = {standing}
    await check.demand(standing)
    registry.holding = {Basis(standing.kind, standing.id, 2)}
    with pytest.raises(BasisEnded):
        await check.demand(standing)


async def test_requests_that_come_together_share_a_question() -> None:
    registry = Registry()
    standings = [some_standing() for _ in range(10)]
    registry.holding = set(standings)
    check = BasisCheck(registry.ask)
    await asyncio.gather(*(check.demand(standing) for standing in standings * 20))
    assert sum(len(question) for question in registry.questions) <= 2 * len(standings)
    assert len(registry.questions) <= 2


async def test_who_comes_after_the_end_is_not_answered_by_a_question_from_before_it() -> None:
    registry, standing = Registry(), some_standing()
    registry.holding = {standing}
    registry.gate.clear()
    check = BasisCheck(registry.ask)
    before = asyncio.create_task(check.demand(standing))
    await registry.asked.wait()
    registry.holding = set()
    after = asyncio.create_task(check.demand(standing))
    await asyncio.sleep(0)
    registry.gate.set()
    await before
    with pytest.raises(BasisEnded):
        await after


async def test_many_standings_are_asked_in_portions() -> None:
    registry = Registry()
    standings = [some_standing() for _ in range(AT_ONCE * 2 + 1)]
    registry.holding = set(standings)
    check = BasisCheck(registry.ask)
    await asyncio.gather(*(check.demand(standing) for standing in standings))
    assert [len(question) for question in registry.questions] == [AT_ONCE, AT_ONCE, 1]


async def test_an_issuer_that_cannot_be_asked_fails_those_who_waited_and_nobody_else() -> None:
    registry, standing = Registry(), some_standing()
    is_away = True

    async def ask(bases: Collection[Basis]) -> Mapping[Basis, bool]:
        if is_away:
            raise Unavailable()
        return await registry.ask(bases)

    check = BasisCheck(ask)
    for outcome in await asyncio.gather(*(check.demand(standing) for _ in range(3)), return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    is_away, registry.holding = False, {standing}
    await check.demand(standing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mandate",
        "mandate:x:1",
        "mandate:01890a5d-ac96-774b-bcce-b302099a8057",
        ":01890a5d-ac96-774b-bcce-b302099a8057:1",
        "mandate:01890a5d-ac96-774b-bcce-b302099a8057:-1",
        "m:01890a5d-ac96-774b-bcce-b302099a8057:1e3",
    ],
)
def test_what_is_no_standing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Basis.parse(text)


async def test_a_route_refuses_a_token_whose_standing_ended_and_asks_at_every_request(toy: ServiceUnderTest) -> None:
    standing = some_standing()
    toy.peers.on("POST", "identity", "/token", {"access_token": Issuer().token("service"), "expires_in": 900})
    toy.peers.on("GET", "identity", r"/standings/held\?of=.*", {"holding": [str(standing)]})
    headers = toy.as_("person", "things.make", stn=str(standing), act={"sub": str(uuid4()), "name": "李"})
    assert (await toy.http.get("/things", headers=headers)).status_code == 200
    toy.peers.on("GET", "identity", r"/standings/held\?of=.*", {"holding": []})
    refused = await toy.http.get("/things", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:basis-ended")
    toy.peers.on("GET", "identity", r"/standings/held\?of=.*", answer({}, 503))
    assert (await toy.http.get("/things", headers=headers)).status_code == 503


async def test_a_token_without_standing_asks_nobody(toy: ServiceUnderTest) -> None:
    assert (await toy.http.get("/things", headers=toy.as_("person", "things.make"))).status_code == 200
    assert [request.path for _, request in toy.peers.requests if "standings" in request.path] == []


@pytest.mark.parametrize("claim", ["x", 5, None, "mandate:01890a5d-ac96-774b-bcce-b302099a8057:1:1"])
async def test_a_standing_that_cannot_be_read_makes_no_actor(toy: ServiceUnderTest, claim: object) -> None:
    answered = await toy.http.get("/things", headers=toy.as_("person", "things.make", stn=claim))
    assert (answered.status_code, answered.json()["type"]) == (401, "urn:tongban:problem:token-refused")
