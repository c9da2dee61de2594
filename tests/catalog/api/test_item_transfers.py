"""Many items at once: exported, imported all or none, edited together after a preview."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from services.catalog.switching import settle_due
from tests.catalog.conftest import Publish
from tests.catalog.officials import editor, operator, reviewer
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*rows: tuple[str, dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps({"local_code": code, "content": content}) + b"\n" for code, content in rows)


async def send(catalog: ServiceUnderTest, content: bytes, **params: str) -> httpx.Response:
    headers = catalog.as_("service", "catalog.admin") | NDJSON
    return await catalog.http.post("/item-imports", content=content, headers=headers, params=params)


async def export(catalog: ServiceUnderTest) -> bytes:
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await catalog.http.get("/item-contents", params={"limit": 2, **cursor})).json()
        rows += page["data"]
        if page["next_cursor"] is None:
            return b"".join(orjson.dumps(row) + b"\n" for row in rows)
        cursor = {"cursor": page["next_cursor"]}


async def state(catalog: ServiceUnderTest) -> tuple[Any, ...]:
    """Everything of items that the database has, but for what the index was brought up to."""
    async with catalog.runtime.db.read() as tx:
        versions = await tx.rows(text("SELECT id, local_code, number, content::text FROM item_versions ORDER BY id"))
        items = await tx.rows(text("SELECT local_code, digest, version_id FROM items ORDER BY local_code"))
    return tuple(map(tuple, versions)), tuple(map(tuple, items)), len(await catalog.emitted())


async def test_a_file_is_loaded_whole_and_again_changes_nothing(catalog: ServiceUnderTest) -> None:
    file = lines(*((f"item-{at}", item(visits=at)) for at in range(5)))
    checked = await send(catalog, file, check="true")
    assert checked.json() == {"new": 5, "changed": 0, "unchanged": 0, "is_check": True}
    assert (await catalog.http.get("/items/item-3")).status_code == 404
    loaded = await send(catalog, file)
    assert (loaded.status_code, loaded.json()) == (200, {"new": 5, "changed": 0, "unchanged": 0, "is_check": False})
    assert (await catalog.http.get("/items/item-3")).json()["visits"] == 3, "in force with the answer"
    assert len((await catalog.http.get("/items", params={"q": "开饭店"})).json()["data"]) == 5
    assert [event["local_code"] for event in await catalog.emitted("tongban.catalog.item.published.v1")] == [
        f"item-{at}" for at in range(5)
    ]
    before = await state(catalog)
    assert (await send(catalog, file)).json()["unchanged"] == 5
    assert await state(catalog) == before


async def test_what_is_exported_is_what_an_import_takes(catalog: ServiceUnderTest) -> None:
    await send(catalog, lines(*((f"item-{at}", item(visits=at)) for at in range(5))))
    await settle_due(catalog.runtime)
    exported, before = await export(catalog), await state(catalog)
    assert (await send(catalog, exported)).json() == {"new": 0, "changed": 0, "unchanged": 5, "is_check": False}
    assert await state(catalog) == before
    as_array = b"[" + b",".join(exported.splitlines()) + b"]"
    assert (await send(catalog, as_array)).json()["unchanged"] == 5
    assert await export(catalog) == exported
    changed = exported.replace(b'"visits":3', b'"visits":9')
    assert (await send(catalog, changed)).json() == {"new": 0, "changed": 1, "unchanged": 4, "is_check": False}
    assert (await catalog.http.get("/items/item-3")).json()["version_number"] == 2


async def test_a_bad_row_is_told_by_line_and_field_and_nothing_is_half_applied(catalog: ServiceUnderTest) -> None:
    before = await state(catalog)
    rows = [
        lines(("good", item())),
        lines(("bad name", item())),
        lines(("kind", item(kind="soon", visits="many"))),
        b"{not json}\n",
        lines(("unlawful", item(promised_limit={"days": 90}))),
        b"\n",
        lines(("good", item(visits=2))),
        b'{"local_code": "x"}\n',
    ]
    refused = await send(catalog, b"".join(rows))
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:item-file-refused")
    assert {(error["pointer"], error["code"]) for error in refused.json()["errors"]} == {
        ("line:2:/local_code", "string_pattern_mismatch"),
        ("line:3:/content/kind", "literal_error"),
        ("line:3:/content/visits", "int_parsing"),
        ("line:4", "not-json"),
        ("line:7:/local_code", "repeated"),
        ("line:8", "wrong-members"),
    }
    assert "6 处问题" in refused.json()["detail"]
    unlawful = await send(catalog, rows[0] + rows[4] + lines(("place", item(region_code="510000000001"))))
    assert {(error["pointer"], error["code"]) for error in unlawful.json()["errors"]} == {
        ("line:2:/content/promised_limit/days", "promise-exceeds-law"),
        ("line:3:/content/region_code", "region-unknown"),
    }
    assert await state(catalog) == before


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        (b"", "file", "empty"),
        (b"[]", "file", "empty"),
        (b"[{]", "line:1", "not-json"),
        (lines(("a", item())) + "事项".encode("gb18030"), "line:2", "not-utf8"),
        (b"null", "line:1", "wrong-members"),
        (lines(("a", item(name="a\x00b"))), "line:1", "unstorable"),
        (b'{"local_code": "a", "content": {"name": "\\ud800"}}', "line:1", "not-json"),
        (lines(("a", item())) + b'{"local_code":"b","content":[]}', "line:2:/content", "model_type"),
        (lines(("a", item(form={"const": 12345}))).replace(b"12345", b"9" * 40), "line:1", "unstorable"),
    ],
)
async def test_a_bad_file_gets_a_clear_report(catalog: ServiceUnderTest, content: bytes, pointer: str, code: str) -> None:
    refused = await send(catalog, content)
    assert refused.status_code == 422, refused.text
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]


async def test_a_file_that_is_too_large_is_refused(catalog: ServiceUnderTest) -> None:
    assert (await send(catalog, b" " * (21 * 1024 * 1024))).status_code == 413


async def test_two_imports_of_the_same_items_at_once_make_one_version_each(catalog: ServiceUnderTest) -> None:
    rows = [(f"item-{at}", item()) for at in range(6)]
    answers = await asyncio.gather(send(catalog, lines(*rows)), send(catalog, lines(*rows[::-1])))
    assert sorted(answer.json()["new"] for answer in answers) == [0, 6]


async def test_an_import_does_not_touch_what_lies_ahead_or_is_withdrawn(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    reviewed = (await reviewer(catalog).review(await editor(catalog).draft("food", item(visits=2)))).json()
    await editor(catalog).publish(reviewed, "2026-10-01")
    refused = await send(catalog, lines(("food", item(visits=3))))
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("line:1:/local_code", "item-version-ahead")]
    assert orjson.loads(await export(catalog))["content"]["visits"] == 2, "the newest is exported"


EDIT = {"do": "set_promised_limit", "limit": {"days": 5, "unit": "working_day"}}


async def test_an_edit_is_shown_in_words_and_applied_as_shown(catalog: ServiceUnderTest) -> None:
    keeper = operator(catalog)
    await send(catalog, lines(("a", item()), ("b", item(promised_limit={"days": 5})), ("c", item(name="公共场所卫生许可"))))
    body = {"choose": {"region": "511600000000", "name_contains": "食品"}, "edit": EDIT}
    shown = (await keeper.post("/bulk-edits/preview", body)).json()
    assert (shown["chosen_count"], shown["changed_count"], shown["may_be_applied"]) == (2, 1, True)
    assert [(one["local_code"], [c["zh"] for c in one["changes"]]) for one in shown["items"]] == [
        ("a", ["承诺时限由 8 个工作日改为 5 个工作日"])
    ]
    assert (await catalog.http.get("/items/a")).json()["promised_limit"]["days"] == 8
    done = await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})
    assert (done.status_code, done.json()["changed"]) == (200, 1)
    guide = (await catalog.http.get("/items/a")).json()
    assert (guide["promised_limit"]["days"], guide["version_number"]) == (5, 2)
    again = await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})
    assert (again.status_code, again.json()["type"]) == (412, "urn:tongban:problem:bulk-edit-preview-outdated")


async def test_an_edit_is_not_applied_when_anything_changed_since_its_preview(catalog: ServiceUnderTest, publish: Publish) -> None:
    keeper = operator(catalog)
    await send(catalog, lines(("a", item()), ("b", item())))
    body = {"choose": {}, "edit": EDIT}
    shown = (await keeper.post("/bulk-edits/preview", body)).json()
    other = {**body, "edit": {**EDIT, "limit": {"days": 4}}}
    assert (await keeper.post("/bulk-edits", {**other, "digest": shown["digest"]})).status_code == 412, "another edit"
    await publish("b", item(visits=2))
    assert (await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})).status_code == 412, "an item changed"
    shown = (await keeper.post("/bulk-edits/preview", body)).json()
    await publish("c", item())
    assert (await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})).status_code == 412, "an item came"
    assert (await catalog.http.get("/items/a")).json()["version_number"] == 1


async def test_an_edit_that_would_break_a_rule_says_where_and_changes_nothing(catalog: ServiceUnderTest) -> None:
    keeper = operator(catalog)
    await send(catalog, lines(("a", item()), ("b", item(channels=["1"]))))
    body = {"choose": {"item_type": "01"}, "edit": {"do": "set_promised_limit", "limit": {"days": 60}}}
    shown = (await keeper.post("/bulk-edits/preview", body)).json()
    assert (shown["may_be_applied"], [f["rule"] for f in shown["items"][0]["findings"]]) == (False, ["promise-exceeds-law"])
    refused = await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "a:/promised_limit/days")
    body = {"choose": {"local_codes": ["b"]}, "edit": {"do": "remove_channel", "channel": "1"}}
    shown = (await keeper.post("/bulk-edits/preview", body)).json()
    assert [f["pointer"] for f in shown["items"][0]["findings"]] == ["/channels"], "it would be no item any more"
    assert (await keeper.post("/bulk-edits", {**body, "digest": shown["digest"]})).status_code == 422
    assert {row["version_number"] for row in (await catalog.http.get("/items")).json()["data"]} == {1}


async def test_transfers_are_for_the_operator(catalog: ServiceUnderTest) -> None:
    for keeper in (editor(catalog), reviewer(catalog)):
        assert (await keeper.post("/bulk-edits/preview", {"choose": {}, "edit": EDIT})).status_code == 403
        assert (await keeper.post("/item-imports", [])).status_code == 403
    assert (await operator(catalog).post("/bulk-edits/preview", {"choose": {}, "edit": {"do": "dance"}})).status_code == 422
