"""Staff are asked after at every request: a change counts from the next one, and an answer is never older than its question."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.actor import Actor
from chassis.asking import AT_ONCE
from chassis.problems import Unavailable
from chassis.standings import AuthorityChanged, Standing, Standings
from tests.support.peers import answer
from tests.support.service import ServiceUnderTest

ANNE, BEN = UUID(int=1), UUID(int=2)


def standing(stamp: str) -> Standing:
    return Standing(stamp, "D", "511602000000", frozenset({"decider"}), 2, ())


class Issuer:
    """Answers what stands when it is asked, after as long as the test holds it."""

    def __init__(self) -> None:
        self.stamps: dict[UUID, str] = {ANNE: "1", BEN: "1"}
        self.questions: list[list[UUID]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_asked = asyncio.Event()
        self.is_away = False

    async def __call__(self, subjects: Collection[UUID]) -> Mapping[UUID, Standing]:
        self.questions.append(list(subjects))
        self.is_asked.set()
        found = {subject: standing(self.stamps[subject]) for subject in subjects if subject in self.stamps}
        await self.gate.wait()
        if self.is_away:
            raise Unavailable()
        return found


def staff(subject: UUID = ANNE, stamp: str | None = "1") -> Actor:
    return Actor(subject, "staff", "安", "tests", frozenset(), posts=frozenset({"window"}), stamp=stamp)


async def test_the_office_is_what_the_issuer_says_now_not_what_the_token_said() -> None:
    confirmed = await Standings(Issuer()).confirm(staff())
    assert (confirmed.posts, confirmed.grade, confirmed.department) == (frozenset({"decider"}), 2, "D")


@pytest.mark.parametrize("stamp", ["0", "2", "", None])
async def test_a_token_of_another_state_is_refused(stamp: str | None) -> None:
    with pytest.raises(AuthorityChanged):
        await Standings(Issuer()).confirm(staff(stamp=stamp))


async def test_one_whom_the_issuer_does_not_know_any_more_is_refused() -> None:
    with pytest.raises(AuthorityChanged):
        await Standings(Issuer()).confirm(staff(uuid4()))


async def test_a_request_after_a_change_never_shares_a_question_that_was_asked_before_it() -> None:
    issuer = Issuer()
    standings = Standings(issuer)
    issuer.gate.clear()
    before = asyncio.create_task(standings.confirm(staff()))
    await issuer.is_asked.wait()
    issuer.stamps[ANNE] = "2"  # revoked while the first question is on its way
    after = asyncio.create_task(standings.confirm(staff()))
    await asyncio.sleep(0)
    issuer.gate.set()
    assert (await before).stamp == "1"
    with pytest.raises(AuthorityChanged):
        await after
    assert len(issuer.questions) == 2


async def test_requests_at_one_time_share_few_questions_and_none_is_forgotten() -> None:
    issuer = Issuer()
    standings = Standings(issuer)
    people = [uuid4() for _ in range(3 * AT_ONCE)]
    issuer.stamps.update(dict.fromkeys(people, "1"))
    confirmed = await asyncio.gather(*(standings.confirm(staff(person)) for person in people for _ in range(4)))
    assert [actor.subject for actor in confirmed] == [person for person in people for _ in range(4)]
    assert len(issuer.questions) <= 4
    assert max(map(len, issuer.questions)) <= AT_ONCE
    assert sorted(person for question in issuer.questions for person in question) == sorted(people)


async def test_without_the_issuer_nobody_is_let_in_and_afterwards_everybody_again() -> None:
    issuer = Issuer()
    standings = Standings(issuer)
    issuer.is_away = True
    answers = await asyncio.gather(standings.confirm(staff()), standings.confirm(staff(BEN)), return_exceptions=True)
    assert [type(one) for one in answers] == [Unavailable, Unavailable]
    issuer.is_away = False
    assert (await standings.confirm(staff())).stamp == "1"


async def test_who_gives_up_waiting_leaves_the_question_to_the_others() -> None:
    issuer = Issuer()
    standings = Standings(issuer)
    issuer.gate.clear()
    first, second = (asyncio.create_task(standings.confirm(staff())) for _ in range(2))
    await issuer.is_asked.wait()
    first.cancel()
    issuer.gate.set()
    assert (await second).stamp == "1"
    assert first.cancelled() or isinstance((await asyncio.gather(first, return_exceptions=True))[0], asyncio.CancelledError)


async def test_a_staff_request_asks_the_issuer_every_time_and_a_persons_never(toy: ServiceUnderTest) -> None:
    def asked() -> int:
        return sum("/standings" in request.path for _, request in toy.peers.requests)

    clerk = toy.as_("staff", "toy.inspect", posts=["decider"])
    for _ in range(3):
        assert (await toy.http.get("/inspection", headers=clerk)).status_code == 200
    assert asked() == 3
    await toy.http.get("/things", headers=toy.as_("person"))
    assert asked() == 3


async def test_a_change_of_authority_is_a_401_that_says_refresh(toy: ServiceUnderTest) -> None:
    clerk = toy.as_("staff", "toy.inspect", subject=ANNE, posts=["decider"])
    toy.issuer.standings[str(ANNE)]["stamp"] = "another"
    refused = await toy.http.get("/inspection", headers={**clerk, "Accept-Language": "en"})
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:authority-changed")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"] and "refresh the token" in refused.json()["detail"]
    del toy.issuer.standings[str(ANNE)]
    assert (await toy.http.get("/inspection", headers=clerk)).status_code == 401


@pytest.mark.parametrize("refusal", [403, 404, 422, 503])
async def test_an_issuer_that_does_not_answer_is_an_outage_and_not_the_callers_mistake(toy: ServiceUnderTest, refusal: int) -> None:
    document: dict[str, Any] = {"type": "urn:tongban:problem:missing-scope", "title": "no", "status": refusal}
    toy.peers.on("GET", "identity", r"/standings\?.*", answer(document, refusal))
    refused = await toy.http.get("/inspection", headers=toy.as_("staff", "toy.inspect", posts=["decider"]))
    assert refused.status_code == 503
