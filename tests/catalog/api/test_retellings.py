"""A service that comes late is told how everything stands."""

from typing import Any

from tests.catalog.bundles import bundle, simple
from tests.catalog.conftest import Publish
from tests.catalog.sample import CITY_REGIONS
from tests.support.service import ServiceUnderTest


async def retell(catalog: ServiceUnderTest, admin: dict[str, str], kind: str, limit: int) -> list[int]:
    """How many were told at each page."""
    counts: list[int] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        answer = await catalog.http.post(f"/retellings/{kind}", params=query, headers=admin)
        assert answer.status_code == 200, answer.text
        counts.append(answer.json()["count"])
        if answer.json()["next_cursor"] is None:
            return counts
        query["cursor"] = answer.json()["next_cursor"]


def state(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "changed_at"}


async def test_everything_is_told_again_as_it_stands_page_by_page(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    for year in (2025, 2026):
        notice = {"holidays": [f"{year}-10-01"], "workdays": [], "source": "国办通知"}
        await catalog.http.put(f"/calendar/{year}", json=notice, headers=admin)
    for code in ("A", "B"):
        await publish(code, simple(name=code, base_code=None, implementation_code=None))
    await catalog.http.put("/bundles/shop", json=bundle("A", "B"), headers=admin)
    await catalog.http.post("/bundles/shop/withdrawal", json={"reason": "不办了"}, headers={**admin, "If-Match": '"1"'})
    changes = [{"effective_on": "2020-07-01", "kind": "merged", "old_code": "511603000000", "new_code": "511602000000"}]
    await catalog.http.post("/region-changes", json={"changes": changes}, headers=admin)

    told: dict[tuple[str, str], dict[str, Any]] = {}
    for event in await catalog.emitted():
        key = next((str(event[name]) for name in ("code", "year") if name in event), None)
        if key is not None:
            told[event["type"], key] = state(event)
    before = len(await catalog.emitted())
    assert await retell(catalog, admin, "regions", 2) == [2, 2, 1]
    assert await retell(catalog, admin, "calendar", 5) == [2]
    assert await retell(catalog, admin, "bundles", 5) == [1]
    again = (await catalog.emitted())[before:]
    assert len(again) == len(CITY_REGIONS) + 3
    for event in again:
        assert state(event) == told[event["type"], str(event.get("code", event.get("year")))]
