"""Guides say how an item stands, and memory never says otherwise than the database, whatever happens to an item."""

from datetime import timedelta
import random
from typing import Any

import pytest

from services.catalog.kept.shortcut import kept_answers
from tests.catalog.api.test_standings import REASON, ask, decide, delegation
from tests.catalog.conftest import Publish
from tests.catalog.officials import above, editor, operator, reviewer
from tests.catalog.pages import read_page
from tests.catalog.sample import item
from tests.support.service import MONDAY_MORNING, ServiceUnderTest
from tests.support.waiting import until

FIRST_OF_OCTOBER = MONDAY_MORNING + timedelta(days=9, hours=15)
MICROSECOND = timedelta(microseconds=1)


async def test_a_frozen_item_says_first_of_all_that_it_takes_no_applications(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    await catalog.http.get("/items/food/guide")
    await reviewer(catalog).post("/items/food/freeze", REASON)
    for path in ("guide", "notice", "guide/fragment"):
        page = read_page(await catalog.http.get(f"/items/food/{path}"))
        assert "自2026年9月21日起暂停受理。原因：业务系统升级，暂停受理" in page.text
        assert page.faults(is_fragment="fragment" in path) == []
        sections = [text for level, text in page.headings if level == (3 if "fragment" in path else 2)]
        assert next(text for text in sections if text != "目录") == "请注意"


async def test_a_delegated_item_says_who_decides_as_well_and_until_when(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    await reviewer(catalog).post("/items/food/delegations", delegation())
    said = "浓洄街道办事处可以办理（广区府发〔2026〕12号，至2027年10月1日）"
    catalog.clock.set(FIRST_OF_OCTOBER - MICROSECOND)
    assert said not in read_page(await catalog.http.get("/items/food/guide")).text
    catalog.clock.set(FIRST_OF_OCTOBER)
    assert said in read_page(await catalog.http.get("/items/food/guide")).text


async def test_who_scans_the_paper_of_a_withdrawn_item_gets_a_page_that_leads_on(catalog: ServiceUnderTest, publish: Publish) -> None:
    first = (await publish("food", item())).json()
    await publish("catering", item(name="餐饮许可"))
    asked = (await ask(editor(catalog), "withdraw", moved_to="catering", takes_effect_at="2026-10-01")).json()
    await decide(above(catalog), asked)
    catalog.clock.set(FIRST_OF_OCTOBER - MICROSECOND)
    assert [(await catalog.http.get("/items/food/guide")).status_code for _ in range(2)] == [200, 200]
    catalog.clock.set(FIRST_OF_OCTOBER)
    for path in ("guide?v=1", "notice?v=1&lang=zh-CN"):
        gone = await catalog.http.get(f"/items/food/{path}")
        page = read_page(gone)
        assert (gone.status_code, page.faults(), page.headings) == (410, [], [(1, "事项已取消")])
        assert page.links["现在由这个事项办理"] == "/api/catalog/v1/items/catering/guide"
    for path in ("guide/pdf", "guide/fragment", "guide/qr", "notice/pdf", "notice/fragment"):
        answer = await catalog.http.get(f"/items/food/{path}")
        assert (answer.status_code, answer.json()["moved_to"]) == (410, "catering")
    kept = await catalog.http.get(f"/item-versions/{first['version_id']}/guide")
    assert kept.status_code == 200 and "食品经营许可" in kept.text, "an application keeps the guide of its version"


class Story:
    """Whatever may happen to an item, at random; each step is really done or really refused."""

    def __init__(self, catalog: ServiceUnderTest, chance: random.Random) -> None:
        self._catalog = catalog
        self._chance = chance

    async def step(self) -> str:
        name = self._chance.choice(["publish", "schedule", "recall", "freeze", "restart", "delegate", "wait", "wait"])
        await getattr(self, f"_{name}")()
        return name

    async def _publish(self) -> None:
        await operator(self._catalog).call("PUT", "/items/food", item(visits=self._chance.randrange(9)))

    async def _schedule(self) -> None:
        writer = editor(self._catalog)
        draft = await writer.draft("food", item(visits=self._chance.randrange(9)))
        approved = (await reviewer(self._catalog).review(draft)).json()
        begins = self._catalog.clock.now() + timedelta(minutes=self._chance.randrange(1, 90))
        await reviewer(self._catalog).publish(approved, begins.isoformat())

    async def _recall(self) -> None:
        newest = (await self._catalog.http.get("/items/food/versions")).json()["data"][0]
        await reviewer(self._catalog).post(f"/item-versions/{newest['version_id']}/recall", REASON)

    async def _freeze(self) -> None:
        await reviewer(self._catalog).post("/items/food/freeze", REASON)

    async def _restart(self) -> None:
        asked = await ask(editor(self._catalog), "restart")
        if asked.status_code == 201:
            await decide(above(self._catalog), asked.json())

    async def _delegate(self) -> None:
        await reviewer(self._catalog).post("/items/food/delegations", delegation())

    async def _wait(self) -> None:
        self._catalog.clock.advance(timedelta(minutes=self._chance.randrange(1, 60)))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
async def test_memory_and_database_say_the_same_whatever_happens(catalog: ServiceUnderTest, publish: Publish, seed: int) -> None:
    await publish("food", item())
    kept = kept_answers(catalog.runtime)
    await until(lambda: kept.is_hearing)
    story, done, given = Story(catalog, random.Random(seed)), list[str](), 0
    for _ in range(40):
        for path in ("/items/food", "/items/food/guide/fragment"):
            size = len(kept)
            remembered = await catalog.http.get(path)
            given += size == len(kept)
            asked = await catalog.http.get(path, params={"not_kept": "1"})
            assert (remembered.status_code, remembered.content, remembered.headers["etag"]) == (
                200, asked.content, asked.headers["etag"],
            ), done  # fmt: skip
        done.append(await story.step())
    assert given > 10, "memory was used"


async def test_the_story_really_changes_what_a_guide_says(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    story, tags = Story(catalog, random.Random(1)), set[Any]()
    for _ in range(40):
        await story.step()
        tags.add((await catalog.http.get("/items/food")).headers["etag"])
    assert len(tags) > 8
