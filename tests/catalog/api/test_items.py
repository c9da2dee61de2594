"""Publishing and reading items over HTTP."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.catalog.conftest import Publish
from tests.catalog.sample import AUTHORITY, item
from tests.support.service import ServiceUnderTest


async def test_the_same_content_again_is_the_same_version_and_tells_nothing(catalog: ServiceUnderTest, publish: Publish) -> None:
    first, again = await publish("food", item()), await publish("food", item())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["is_new"] and not again.json()["is_new"]
    assert again.json()["version_id"] == first.json()["version_id"]
    assert len(await catalog.emitted("tongban.catalog.item.published.v1")) == 1


async def test_other_content_becomes_the_next_version_and_the_old_one_stays_as_it_was(catalog: ServiceUnderTest, publish: Publish) -> None:
    first = (await publish("food", item())).json()
    second = await publish("food", item(promised_limit={"days": 5}))
    assert (second.status_code, second.json()["version_number"]) == (201, 2)
    now = (await catalog.http.get("/items/food")).json()
    before = await catalog.http.get(f"/item-versions/{first['version_id']}")
    assert (now["version_id"], now["promised_limit"]["days"]) == (second.json()["version_id"], 5)
    assert (before.json()["version_number"], before.json()["promised_limit"]["days"]) == (1, 8)
    assert "immutable" in before.headers["cache-control"]


async def test_the_event_carries_all_that_other_services_need(catalog: ServiceUnderTest, publish: Publish) -> None:
    published = (await publish("food", item())).json()
    [event] = await catalog.emitted("tongban.catalog.item.published.v1")
    assert event == {
        "type": "tongban.catalog.item.published.v1",
        "local_code": "food",
        "base_code": "000131024000",
        "implementation_code": f"{AUTHORITY}4000131024000",
        "version_id": published["version_id"],
        "version_number": 1,
        "name": "食品经营许可",
        "name_en": "Food business permit",
        "authority": {"code": AUTHORITY, "name": "广安区市场监督管理局"},
        "region_code": "511602000000",
        "item_type": "01",
        "kind": "committed",
        "statutory_limit": {"days": 20, "unit": "working_day"},
        "promised_limit": {"days": 8, "unit": "working_day"},
        "process": [
            {"key": "review", "name": "审查", "post": "reviewer", "grade": 1, "kind": "review"},
            {"key": "decide", "name": "决定", "post": "decider", "grade": 2, "kind": "decide"},
        ],
        "result_type_code": "12511600DEM099990F002",
        "result_validity_months": 60,
        "published_at": "2026-09-21T01:00:00Z",
        "effective_from": "2026-09-21T01:00:00Z",
        "standing": None,
        "delegations": [],
    }


async def test_a_guide_says_what_was_published_in_the_order_it_was_given(catalog: ServiceUnderTest, publish: Publish) -> None:
    form = {"type": "object", "properties": {name: {"type": "string"} for name in ("zebra", "ant", "mole")}}
    await publish("food", item(form=form))
    guide = (await catalog.http.get("/items/food")).json()
    assert list(guide["form"]["properties"]) == ["zebra", "ant", "mole"]
    sent = item(form=form)
    assert {name: guide[name] for name in ("name", "authority", "region_code", "conditions", "synonyms")} | {"form": form} == {
        name: sent[name] if name != "authority" else {**sent[name], "name_en": None}
        for name in ("name", "authority", "region_code", "conditions", "synonyms", "form")
    }
    assert [(material["key"], material["source"], material["certificate_type"]) for material in guide["materials"]] == [
        ("application-form", "applicant", None),
        ("business-licence", "certificate", "12511600DEM099990F001"),
    ]


async def test_a_reader_who_has_the_version_in_force_is_not_sent_it_again(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    tag = (await catalog.http.get("/items/food")).headers["etag"]
    for seen in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        answer = await catalog.http.get("/items/food", headers={"If-None-Match": seen})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    await publish("food", item(visits=0))
    assert (await catalog.http.get("/items/food", headers={"If-None-Match": tag})).status_code == 200


async def test_refused_publication_names_every_rule_and_changes_nothing(
    catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str]
) -> None:
    named = await catalog.http.put(
        "/obtainable-materials/12511600DEM099990F001", json={"source": "certificate", "names": ["营业执照"]}, headers=admin
    )
    assert named.status_code == 201
    materials = [{"key": "licence", "name": "营业执照复印件", "source": "applicant"}]
    answer = await publish("food", item(materials=materials, promised_limit={"days": 60}, region_code="519999000000"))
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "urn:tongban:problem:publication-refused")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/promised_limit/days", "promise-exceeds-law"),
        ("/materials/0/source", "needless-ask"),
        ("/region_code", "region-unknown"),
    ]
    assert (await catalog.http.get("/items/food")).status_code == 404
    assert await catalog.emitted("tongban.catalog.item.published.v1") == []


async def test_publishing_at_once_numbers_the_versions_without_gap(catalog: ServiceUnderTest, publish: Publish) -> None:
    answers = await asyncio.gather(
        *(publish("food", item(visits=visits % 3)) for visits in range(3)), *(publish("food", item(visits=0)) for _ in range(1))
    )
    assert {answer.status_code for answer in answers} <= {200, 201}
    async with catalog.runtime.db.read() as tx:
        numbers = [row.number for row in await tx.rows(text("SELECT number FROM item_versions ORDER BY number"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [event["version_number"] for event in await catalog.emitted("tongban.catalog.item.published.v1")] == numbers


async def test_a_published_version_cannot_be_changed_even_in_the_database(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    for statement in ("UPDATE item_versions SET number = 9", "DELETE FROM item_versions", "TRUNCATE item_versions CASCADE"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(statement))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "soon"}, "/kind"),
        ({"name": ""}, "/name"),
        ({"name": "食" * 201}, "/name"),
        ({"promised_limit": {"days": -1}}, "/promised_limit/days"),
        ({"promised_limit": {"days": 10**30}}, "/promised_limit/days"),
        ({"materials": "none"}, "/materials"),
        ({"process": []}, "/process"),
        ({"form": []}, "/form"),
        ({"form": {"const": 10**40}}, "/form/const"),
        ({"region_code": "51"}, "/region_code"),
        ({"surprise": 1}, "/surprise"),
        ({"visits": None}, "/visits"),
    ],
)
async def test_content_of_the_wrong_shape_is_a_clear_refusal(publish: Publish, change: dict[str, Any], pointer: str) -> None:
    answer = await publish("food", item(**change))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1]", b"null", b'{"name": "\\u0000"}', b'{"name": "\\ud800"}', b"[" * 100_000])
async def test_a_body_that_is_no_item_is_a_4xx(catalog: ServiceUnderTest, admin: dict[str, str], body: bytes) -> None:
    answer = await catalog.http.put("/items/food", content=body, headers={**admin, "content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("code", ["a b", "-a", "食品", "a" * 65, "a%00", "a%2Fb"])
async def test_a_code_of_the_wrong_shape_is_refused(catalog: ServiceUnderTest, code: str) -> None:
    assert (await catalog.http.get(f"/items/{code}")).status_code in (400, 404, 422)


async def test_reading_is_open_and_publishing_is_not(catalog: ServiceUnderTest) -> None:
    assert (await catalog.http.get("/items")).status_code == 200
    assert (await catalog.http.put("/items/food", json=item())).status_code == 401
    for kind, scope in (("person", "catalog.admin"), ("staff", "catalog.admin"), ("service", "catalog.read")):
        assert (await catalog.http.put("/items/food", json=item(), headers=catalog.as_(kind, scope))).status_code == 403
    assert (await catalog.http.get("/items", headers={"Authorization": "Bearer nonsense"})).status_code == 401
    assert (await catalog.http.get("/items/food")).json()["type"] == "urn:tongban:problem:item-unknown"


async def test_a_repeated_request_with_its_key_has_one_effect(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    headers = {**admin, "Idempotency-Key": "publish-food-1"}
    first = await catalog.http.put("/items/food", json=item(), headers=headers)
    again = await catalog.http.put("/items/food", json=item(), headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotent-replay"] == "true"
