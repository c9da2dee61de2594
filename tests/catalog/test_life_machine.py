"""Whatever is done to an item, by whom and in whatever order: the service agrees with a slow model of its life, at every instant.

No path changes a published version, loses the one an application began with, lets one person both write and review, or has two
versions in force at once.
"""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from tests.catalog.life_model import HORIZON, DraftModel, LifeModel
from tests.catalog.officials import Official, above, editor, operator, reviewer
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest

TICK = timedelta(minutes=1)
_codes = count()

hands = st.integers(0, 3)
which = st.integers(0, 5)
delays = st.integers(0, 4)
contents = st.integers(0, 9).map(lambda visits: item(visits=visits))
actions = st.one_of(
    st.tuples(st.just("draft"), hands, contents),
    st.tuples(st.just("change"), hands, which, contents, st.booleans()),
    st.tuples(st.just("review"), hands, which),
    st.tuples(st.just("review"), hands, which),
    st.tuples(st.just("publish"), hands, which, delays),
    st.tuples(st.just("publish"), hands, which, delays),
    st.tuples(st.just("load"), contents),
    st.tuples(st.just("recall"), which),
    st.tuples(st.just("freeze"), hands),
    st.tuples(st.just("request"), hands, st.sampled_from(["restart", "withdraw"]), delays),
    st.tuples(st.just("decide"), hands, st.booleans()),
    st.tuples(st.just("apply")),
    st.tuples(st.just("wait"), st.integers(1, 5)),
)


class Machine:
    """One item, those who keep it, and the model beside it. A step does something, demands what must be refused, and keeps what was accepted."""

    def __init__(self, catalog: ServiceUnderTest) -> None:
        self.catalog = catalog
        self.code = f"machine-{next(_codes)}"
        self.began = catalog.clock.now()
        self.model = LifeModel()
        self.people: list[Official] = [editor(catalog), reviewer(catalog), reviewer(catalog, name="钱七"), operator(catalog)]
        self.above = above(catalog)
        self.first_read: dict[str, bytes] = {}

    def instant(self, tick: int) -> datetime:
        return self.began + tick * TICK

    async def step(self, name: str, *arguments: Any) -> None:
        await getattr(self, f"_{name}")(*arguments)

    async def _draft(self, who: int, content: dict[str, Any]) -> None:
        person = self.people[who]
        answer = await person.post("/item-drafts", {"local_code": self.code, "content": content})
        if answer.status_code == 201:
            self.model.drafts.append(DraftModel(answer.json()["id"], answer.json()["content"], {person.hand}))
        else:
            assert answer.status_code == 409 and "withdrawn" in self.model.stood(), answer.text

    def _chosen(self, at: int) -> DraftModel | None:
        return self.model.drafts[at % len(self.model.drafts)] if self.model.drafts else None

    async def _change(self, who: int, at: int, content: dict[str, Any], is_stale: bool) -> None:
        person, draft = self.people[who], self._chosen(at)
        if draft is None:
            return
        newest = max((n for i, n, _, _ in self.model.versions if i not in self.model.recalled), default=None)
        answer = await person.change({"id": draft.id}, content, seen=draft.version + is_stale, based_on=newest)
        if is_stale:
            assert answer.status_code == 412, answer.text
        elif answer.status_code == 200:
            assert draft.is_open
            draft.content, draft.version, draft.approved_by = answer.json()["content"], draft.version + 1, None
            draft.writers.add(person.hand)
        else:
            assert answer.status_code == 409, answer.text

    async def _review(self, who: int, at: int) -> None:
        person, draft = self.people[who], self._chosen(at)
        if draft is None:
            return
        answer = await person.review({"id": draft.id}, seen=draft.version)
        if answer.status_code == 200:
            assert person.hand not in draft.writers, "one person wrote and reviewed"
            draft.version, draft.approved_by = draft.version + 1, person.hand
        else:
            assert answer.status_code in (403, 409), answer.text

    async def _publish(self, who: int, at: int, delay: int) -> None:
        person, draft = self.people[who], self._chosen(at)
        if draft is None:
            return
        begins = self.model.now + delay
        answer = await person.publish({"id": draft.id}, self.instant(begins).isoformat() if delay else None, seen=draft.version)
        if answer.status_code != 201:
            assert answer.status_code == 409, answer.text
            return
        assert draft.is_open and draft.approved_by is not None and draft.approved_by not in draft.writers
        draft.is_open, draft.version = False, draft.version + 1
        await self._published(answer.json(), draft.content)

    async def _load(self, content: dict[str, Any]) -> None:
        answer = await operator(self.catalog).call("PUT", f"/items/{self.code}", content)
        assert answer.status_code in (200, 201, 409), answer.text
        if answer.status_code != 409:
            await self._published(answer.json(), content)

    async def _published(self, made: dict[str, Any], content: dict[str, Any]) -> None:
        if made["is_new"]:
            begins = round((datetime.fromisoformat(made["effective_from"]) - self.began) / TICK)
            assert begins >= self.model.now
            waiting = [b for i, _, b, _ in self.model.versions if i not in self.model.recalled and b > self.model.now]
            assert not waiting or begins > max(waiting), "what was announced was replaced"
            self.model.versions.append((made["version_id"], made["version_number"], begins, content))
            self.first_read[made["version_id"]] = (await self.catalog.http.get(f"/item-versions/{made['version_id']}")).content

    async def _recall(self, at: int) -> None:
        if self.model.versions:
            version, _, begins, _ = self.model.versions[at % len(self.model.versions)]
            answer = await reviewer(self.catalog).post(f"/item-versions/{version}/recall", {"reason": "推迟实施"})
            if answer.status_code == 200:
                assert begins > self.model.now and version not in self.model.recalled
                self.model.recalled.add(version)

    async def _freeze(self, who: int) -> None:
        answer = await self.people[who].post(f"/items/{self.code}/freeze", {"reason": "暂停受理"})
        if answer.status_code == 200:
            assert self.model.stood()[self.model.now] == "active"
            self.model.standings.append(("frozen", self.model.now))

    async def _request(self, who: int, kind: str, delay: int) -> None:
        person = self.people[who]
        body = {"kind": kind, "reason": "已经整改", "takes_effect_at": self.instant(self.model.now + delay).isoformat() if delay else None}
        answer = await person.post(f"/items/{self.code}/requests", body)
        if answer.status_code == 201:
            self.model.requests[answer.json()["id"]] = (kind, person.hand, self.model.now + delay)

    async def _decide(self, who: int, is_above: bool) -> None:
        person = self.above if is_above else self.people[who]
        for request, (kind, asker, begins) in list(self.model.requests.items()):
            body = {"decision": "approved", "opinion": "同意"}
            answer = await person.call("PUT", f"/item-requests/{request}/decision", body)
            if answer.status_code == 200:
                assert person.hand != asker and (is_above or person.kind == "service")
                state = "active" if kind == "restart" else "withdrawn"
                assert state != "active" or self.model.stood()[self.model.now] == "frozen"
                self.model.standings.append((state, self.model.now if kind == "restart" else max(begins, self.model.now)))
                del self.model.requests[request]

    async def _apply(self) -> None:
        answer = await self.catalog.http.get(f"/items/{self.code}")
        if answer.status_code == 200:
            self.model.applications.append((answer.json()["version_id"], answer.json()["form"]))

    async def _wait(self, ticks: int) -> None:
        self.model.now += ticks
        self.catalog.clock.set(self.instant(self.model.now))

    async def check(self) -> None:
        """Everything that must hold after each step."""
        model, now = self.model, self.model.now
        for tick in {now, now // 2, now + 3}:
            await self._check_guide(tick)
        shown = (await self.catalog.http.get("/items", params={"q": self.code})).json()["data"]
        listed = {row["local_code"]: row["version_number"] for row in shown}.get(self.code)
        assert listed == (None if model.at(now) == "withdrawn" else model.at(now)), "the index shows another version"

    async def check_all(self) -> None:
        """Everything that must hold of all that was ever published, and of every instant there was."""
        model, now = self.model, self.model.now
        for tick in range(now + 6):
            await self._check_guide(tick)
        for version, number, _, content in model.versions:
            read = await self.catalog.http.get(f"/item-versions/{version}")
            assert (read.status_code, read.json()["version_number"], read.json()["visits"]) == (200, number, content["visits"])
            assert self.first_read[version] == read.content, "a published version changed"
        for version, form in model.applications:
            assert (await self.catalog.http.get(f"/item-versions/{version}")).json()["form"] == form, "an application lost its version"
        await self._check_versions()

    async def _check_guide(self, tick: int) -> None:
        answer = await self.catalog.http.get(f"/items/{self.code}", params={"at": self.instant(tick).isoformat()})
        expected = self.model.at(tick)
        if expected is None:
            assert answer.status_code == 404, answer.text
        elif expected == "withdrawn":
            assert answer.status_code == 410, answer.text
        else:
            guide, next_tick = answer.json(), self.model.next_change(tick)
            assert (guide["version_number"], guide["standing"]["state"]) == (expected, self.model.stood()[tick])
            until = datetime.fromisoformat(guide["holds_until"]) if guide["holds_until"] else None
            assert until == (self.instant(next_tick) if next_tick is not None else None)

    async def _check_versions(self) -> None:
        answer = await self.catalog.http.get(f"/items/{self.code}/versions")
        if self.model.versions:
            rows = answer.json()["data"]
            assert [row["version_number"] for row in rows] == [number for _, number, _, _ in self.model.versions][::-1]
            assert sum(row["is_in_force"] for row in rows) <= 1, "two versions in force"


async def live(catalog: ServiceUnderTest, steps: list[tuple[Any, ...]]) -> LifeModel:
    """Do these things to an item, and hold the service against the model after each."""
    machine = Machine(catalog)
    for name, *arguments in steps:
        await machine.step(name, *arguments)
        await machine.check()
    await machine.check_all()
    assert machine.model.now < HORIZON
    return machine.model


_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=8, deadline=None, suppress_health_check=_SLOW)
@given(st.lists(actions, min_size=4, max_size=10))
async def test_the_service_agrees_with_a_slow_model_whatever_is_done(catalog: ServiceUnderTest, steps: list[tuple[Any, ...]]) -> None:
    await live(catalog, steps)


@pytest.mark.long
@pytest.mark.timeout(1200)
@settings(max_examples=100, deadline=None, suppress_health_check=_SLOW)
@given(st.lists(actions, min_size=6, max_size=24))
async def test_the_service_agrees_with_a_slow_model_for_long(catalog: ServiceUnderTest, steps: list[tuple[Any, ...]]) -> None:
    await live(catalog, steps)


async def test_a_whole_life_agrees_with_the_model(catalog: ServiceUnderTest) -> None:
    """One long path through everything, so that none of it depends on what is drawn."""
    steps: list[tuple[Any, ...]] = [
        ("draft", 0, item(visits=1)), ("review", 0, 0), ("review", 1, 0), ("change", 1, 0, item(visits=2), False), ("review", 1, 0),
        ("publish", 0, 0, 0), ("review", 2, 0), ("publish", 0, 0, 3), ("apply",), ("wait", 3), ("apply",), ("load", item(visits=4)),
        ("draft", 2, item(visits=5)), ("review", 1, 1), ("publish", 1, 1, 4), ("load", item(visits=6)), ("recall", 2), ("recall", 0),
        ("load", item(visits=6)), ("freeze", 1), ("request", 0, "restart", 0), ("decide", 1, False), ("wait", 1), ("decide", 0, True),
        ("freeze", 3), ("request", 3, "withdraw", 4), ("decide", 3, False), ("decide", 0, True), ("wait", 2), ("apply",), ("wait", 2),
        ("load", item(visits=7)), ("draft", 0, item(visits=8)), ("apply",), ("wait", 5),
    ]  # fmt: skip
    model = await live(catalog, steps)
    assert [number for _, number, _, _ in model.versions] == [1, 2, 3, 4] and len(model.recalled) == 1
    assert [state for state, _ in model.standings] == ["frozen", "active", "frozen", "withdrawn"]
    assert len(model.applications) == 2 and model.at(model.now) == "withdrawn"
