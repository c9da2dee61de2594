"""Who keeps which item: every kind of keeper × own and others' items × every step. What is another's is refused, and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.catalog.officials import (
    CITY,
    DISTRICT,
    OTHER_AUTHORITY,
    OTHER_DISTRICT,
    Official,
    above,
    editor,
    operator,
    reviewer,
    staff,
    system,
)
from tests.catalog.sample import AUTHORITY, item
from tests.support.service import ServiceUnderTest

GRANT = {
    "department": AUTHORITY,
    "post": "item-reviewer",
    "region": DISTRICT,
    "grade": 1,
    "departments": None,
    "items": None,
    "delegation": None,
}

KEEPERS: dict[str, Callable[[ServiceUnderTest], Official]] = {
    "own editor": editor,
    "own reviewer": reviewer,
    "own system": system,
    "own reviewer of the city": lambda service: reviewer(service, region=CITY),
    "by delegation": lambda service: staff(
        service, "item-reviewer", grants=[{**GRANT, "delegation": "0199a000-0000-7000-8000-000000000009"}]
    ),
    "for this item alone": lambda service: staff(service, "item-reviewer", grants=[{**GRANT, "items": ["food", "new"]}]),
    "operator": operator,
    "other department's reviewer": lambda service: reviewer(service, department=OTHER_AUTHORITY),
    "other department's system": lambda service: system(service, department=OTHER_AUTHORITY),
    "other region's reviewer": lambda service: reviewer(service, region=OTHER_DISTRICT),
    "other region's system": lambda service: system(service, region=OTHER_DISTRICT),
    "street's editor": lambda service: editor(service, region="511602001000"),
    "for another item alone": lambda service: staff(service, "item-reviewer", grants=[{**GRANT, "items": ["other"]}]),
    "authority above": above,
}
OWN = {"own editor", "own reviewer", "own system", "own reviewer of the city", "by delegation", "for this item alone", "operator"}
REVIEWERS = {"own reviewer", "own reviewer of the city", "by delegation", "for this item alone"}
STOPPERS = REVIEWERS | {"operator"}

Step = Callable[[Official, dict[str, Any]], Awaitable[httpx.Response]]
REASON = {"reason": "测试所需的理由"}
STEPS: dict[str, tuple[Step, set[str]]] = {
    "start": (lambda who, _: who.post("/item-drafts", {"local_code": "new", "content": item()}), OWN),
    "next version": (lambda who, _: who.post("/item-drafts", {"local_code": "food"}), OWN),
    "read draft": (lambda who, draft: who.get(f"/item-drafts/{draft['id']}"), OWN),
    "read history": (lambda who, draft: who.get(f"/item-drafts/{draft['id']}/history"), OWN),
    "change draft": (lambda who, draft: who.change(draft, item(visits=2)), OWN),
    "discard draft": (lambda who, draft: who.call("DELETE", f"/item-drafts/{draft['id']}", seen=1), OWN),
    "review": (lambda who, draft: who.review(draft), REVIEWERS),
    "freeze": (lambda who, _: who.post("/items/food/freeze", REASON), STOPPERS),
    "ask to withdraw": (lambda who, _: who.post("/items/food/requests", {"kind": "withdraw", **REASON}), OWN),
}


@pytest.mark.parametrize("step", STEPS)
async def test_each_step_is_for_those_whose_item_it_is(catalog: ServiceUnderTest, step: str) -> None:
    do, allowed = STEPS[step]
    for name, make in KEEPERS.items():
        await operator(catalog).call("PUT", "/items/food", item())
        draft = await editor(catalog).draft("food", item(visits=3))
        events = len(await catalog.emitted())
        answer = await do(make(catalog), draft)
        if name in allowed:
            assert answer.status_code in (200, 201, 409), f"{name}: {answer.text}"
        else:
            assert answer.status_code in (403, 404), f"{name}: {answer.text}"
            assert len(await catalog.emitted()) == events
            assert (await editor(catalog).get(f"/item-drafts/{draft['id']}")).json()["version"] == 1


async def test_nobody_takes_an_item_over_by_writing_their_own_department_into_it(catalog: ServiceUnderTest) -> None:
    await operator(catalog).call("PUT", "/items/food", item())
    taker = editor(catalog, department=OTHER_AUTHORITY)
    theirs = item(authority={"code": OTHER_AUTHORITY, "name": "另一部门"}, implementation_code=None)
    taken = await taker.post("/item-drafts", {"local_code": "food", "content": theirs})
    assert (taken.status_code, taken.json()["type"]) == (403, "urn:tongban:problem:item-of-another-authority")
    draft = await editor(catalog).draft("food")
    given = await editor(catalog).change(draft, theirs)
    assert given.status_code == 403, "nor given away by its own"
    wider = await editor(catalog).change(draft, item(region_code=CITY))
    assert wider.status_code == 403, "nor carried beyond one's region"


async def test_a_list_shows_ones_own_drafts_and_no_others(catalog: ServiceUnderTest) -> None:
    await editor(catalog).draft("food", item())
    other = item(authority={"code": OTHER_AUTHORITY, "name": "另一部门"}, implementation_code=None)
    await editor(catalog, department=OTHER_AUTHORITY).draft("other", other)
    await editor(catalog, region=OTHER_DISTRICT).draft("elsewhere", item(region_code=OTHER_DISTRICT))
    seen = {
        name: {row["local_code"] for row in (await make(catalog).get("/item-drafts")).json()["data"]}
        for name, make in KEEPERS.items()
        if name in ("own editor", "own system", "own reviewer of the city", "operator", "other department's reviewer", "street's editor")
    }
    assert seen == {
        "own editor": {"food"},
        "own system": {"food"},
        "own reviewer of the city": {"food", "elsewhere"},
        "operator": {"food", "other", "elsewhere"},
        "other department's reviewer": {"other"},
        "street's editor": set(),
    }


@pytest.mark.parametrize("kind", ["person", "organisation", "staff"])
async def test_without_the_scope_nobody_comes_in(catalog: ServiceUnderTest, kind: str) -> None:
    headers = catalog.as_(kind, "catalog.items.maintain") if kind != "staff" else catalog.as_(kind, "intake.window")
    for method, path in (("GET", "/item-drafts"), ("POST", "/item-drafts"), ("POST", "/items/food/freeze")):
        answer = await catalog.http.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert answer.status_code == 403, (method, path)
