"""Items that are frozen or withdrawn at the catalog, and versions that are about to change."""

from datetime import timedelta
from typing import Any

from chassis.http import Request
from services.intake.clients.catalog import CatalogClient
from tests.intake.conftest import ITEM, Hall
from tests.support.peers import answer

FROZEN = {"state": "frozen", "since": "2026-09-20T16:00:00Z", "reason": "系统升级", "document": None, "moved_to": None}


def _catalog_says(hall: Hall, body: dict[str, Any], status: int = 200) -> None:
    hall.service.peers.on("GET", "catalog", "/items/sp-jy", answer(body, status))


async def test_no_application_begins_for_a_frozen_item_and_those_under_way_go_on(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    repeated = await citizen.post("/applications", {"item_code": "sp-jy"}, Idempotency_Key="before-it-froze")
    assert repeated.status_code == 201
    _catalog_says(hall, {**ITEM, "standing": FROZEN})
    refused = await citizen.post("/applications", {"item_code": "sp-jy"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:item-frozen")
    assert "2026-09-21 00:00" in refused.json()["detail"] and "系统升级" in refused.json()["detail"]
    english = await citizen.post("/applications", {"item_code": "sp-jy"}, Accept_Language="en")
    assert "no new applications since 2026-09-21 00:00" in english.json()["detail"]
    again = await citizen.post("/applications", {"item_code": "sp-jy"}, Idempotency_Key="before-it-froze")
    assert (again.status_code, again.json()) == (201, repeated.json())
    assert (await citizen.put(f"/applications/{draft['id']}/form", {"form": {"note": "第二稿"}}, seen=1)).status_code == 200


async def test_a_withdrawn_item_is_refused_with_where_it_went(hall: Hall) -> None:
    gone = {"type": "urn:tongban:problem:item-withdrawn", "title": "x", "status": 410, "since": "2026-09-01 00:00", "reason": "合并"}
    _catalog_says(hall, {**gone, "moved_to": "sp-jy-2"}, 410)
    refused = await hall.citizen().post("/applications", {"item_code": "sp-jy"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:item-withdrawn")
    assert (refused.json()["moved_to"], refused.json()["errors"][0]["pointer"]) == ("sp-jy-2", "/item_code")
    assert "2026-09-01 00:00 起取消（合并）" in refused.json()["errors"][0]["detail"]


async def test_what_was_read_of_an_item_is_not_used_past_the_instant_it_holds_until(hall: Hall) -> None:
    asked: list[Request] = []
    until = hall.service.clock.now() + timedelta(seconds=60)

    def told(request: Request) -> Any:
        asked.append(request)
        return answer({**ITEM, "holds_until": until.isoformat()})

    hall.service.peers.on("GET", "catalog", "/items/sp-jy", told)
    client = CatalogClient(hall.service.runtime.http, keep_seconds=3600, clock=hall.service.clock)
    for _ in range(2):
        await client.current_item("sp-jy")
    assert len(asked) == 1
    hall.service.clock.set(until)
    await client.current_item("sp-jy")
    assert len(asked) == 2
