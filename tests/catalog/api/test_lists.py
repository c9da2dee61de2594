"""The four lists over HTTP: imported whole or not at all, read, remembered, held against the items."""

import io
from typing import Any

import httpx
import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.catalog.store.lists import GAPS
from tests.catalog.bundles import simple
from tests.catalog.conftest import Publish
from tests.catalog.list_files import DISTRICT, FEE, LISTED, POWER, list_file, send_list
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest


async def read(catalog: ServiceUnderTest, path: str, **query: Any) -> Any:
    answer = await catalog.http.get(f"/lists/{path}", params={"region": DISTRICT, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def gaps(catalog: ServiceUnderTest, kind: str = "power", **query: Any) -> list[tuple[str, str]]:
    return [(one["gap"], one["code"]) for one in (await read(catalog, f"{kind}/gaps", **query))["data"]]


async def test_a_list_is_imported_once_and_replaced_by_the_next(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    first = await send_list(catalog, admin, list_file(encoding="gb18030"))
    assert (first.status_code, first.json()["added"], first.json()["number"]) == (201, 3, 1)
    assert (await send_list(catalog, admin, list_file(encoding="gb18030"))).status_code == 200
    changed = (LISTED[0], ("P-2", "烟草专卖零售许可证核发", *LISTED[1][2:]), ("P-4", "排水许可", "住建局", "排水条例", "", ""))
    checked = (await send_list(catalog, admin, list_file(changed), what="checks")).json()
    assert (checked["added"], checked["changed"], checked["removed"], checked["is_known"]) == (["P-4"], ["P-2"], ["P-3"], False)
    second = (await send_list(catalog, admin, list_file(changed), issued_on="2026-10-01")).json()
    assert (second["number"], second["added"], second["changed"], second["removed"]) == (2, 1, 1, 1)
    assert [one["code"] for one in (await read(catalog, "power/entries"))["data"]] == ["P-1", "P-2", "P-4"]
    assert [one["number"] for one in (await read(catalog, "power/editions"))["data"]] == [2, 1]
    gone = (await read(catalog, "power/entries/P-3/history"))["versions"]
    assert [(one["edition"], one["entry"] and one["entry"]["name"]) for one in gone] == [(2, None), (1, "户外广告审批")]
    kept = (await read(catalog, "power/entries/P-2/history"))["versions"]
    assert [one["entry"]["name"] for one in kept] == ["烟草专卖零售许可证核发", "烟草专卖零售许可"]
    assert len((await read(catalog, "power/entries/P-1/history"))["versions"]) == 1


@pytest.mark.parametrize("kind", ["xlsx", "json"])
async def test_a_workbook_and_a_json_file_are_read_as_well(catalog: ServiceUnderTest, admin: dict[str, str], kind: str) -> None:
    if kind == "xlsx":
        workbook, content = openpyxl.Workbook(), io.BytesIO()
        for row in (POWER, *LISTED):
            workbook.active.append(row)
        workbook.save(content)
        body = content.getvalue()
    else:
        body = httpx.Request("POST", "http://x", json=[dict(zip(POWER, row, strict=True)) for row in LISTED]).content
    answer = await send_list(catalog, admin, body)
    assert (answer.status_code, answer.json()["file_kind"], answer.json()["entry_count"]) == (201, kind, 3), answer.text


async def test_a_file_with_a_fault_changes_nothing_and_every_fault_is_told(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await send_list(catalog, admin, list_file())
    answer = await send_list(catalog, admin, list_file((LISTED[0], LISTED[0], ("x", "", "某局", "", "", "12"))))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:list-file-invalid")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("line:3:权力编码", "code-twice"), ("line:4:基本编码", "base-code-invalid"), ("line:4:权力名称", "cell-empty"), ("line:4:设定依据", "cell-empty")
    ]  # fmt: skip
    assert len((await read(catalog, "power/entries"))["data"]) == 3


async def test_an_older_list_an_unknown_region_and_a_wrong_column_are_refused(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await send_list(catalog, admin, list_file())
    older = await send_list(catalog, admin, list_file(LISTED[:1]), issued_on="2026-08-01")
    assert (older.status_code, older.json()["newest"]) == (409, 1)
    assert (await send_list(catalog, admin, list_file(), region="519999000000")).json()["type"].endswith("region-unknown")
    assert (await send_list(catalog, admin, list_file(), column="duty=权力名称")).json()["type"].endswith("column-mapping-invalid")
    told = await send_list(catalog, admin, list_file(header=("编号", *POWER[1:])), column="code=编号", issued_on="2026-09-02")
    assert told.status_code == 201, told.text


async def test_entries_are_filtered_and_paged_and_say_who_carries_them_out(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    await publish("food", item())
    await publish("tobacco", simple(name="烟草", base_code=None, implementation_code=None))
    await send_list(catalog, admin, list_file())
    assert [one["code"] for one in (await read(catalog, "power/entries", department="烟草专卖局"))["data"]] == ["P-2"]
    assert [one["code"] for one in (await read(catalog, "power/entries", item="tobacco"))["data"]] == ["P-2"]
    first = await read(catalog, "power/entries", limit=2)
    rest = await read(catalog, "power/entries", limit=2, cursor=first["next_cursor"])
    assert [one["code"] for one in rest["data"]] == ["P-3"] and rest["next_cursor"] is None
    for code, items in (("P-1", ["food"]), ("P-2", ["tobacco"]), ("P-3", [])):
        found = await read(catalog, f"power/entries/{code}")
        assert [one["local_code"] for one in found["carried_out_by"]] == items
    assert (await catalog.http.get("/lists/power/entries/none", params={"region": DISTRICT})).status_code == 404
    assert (await catalog.http.get("/lists/power/entries/none/history", params={"region": DISTRICT})).status_code == 404


async def test_entries_without_items_and_items_without_entries_are_the_gaps(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    await publish("food", item())
    await publish("power-less", simple(name="无权之事", base_code=None, implementation_code=None))
    await publish("service", simple(name="公共服务", item_type="20", base_code=None, implementation_code=None))
    await send_list(catalog, admin, list_file())
    assert await gaps(catalog) == [("entry_without_item", "P-2"), ("entry_without_item", "P-3"), ("item_without_entry", "power-less")]
    assert await gaps(catalog, gap="item_without_entry") == [("item_without_entry", "power-less")]
    assert await gaps(catalog, department="城市管理局") == [("entry_without_item", "P-3")]
    first = await read(catalog, "power/gaps", limit=2)
    rest = await read(catalog, "power/gaps", limit=2, cursor=first["next_cursor"])
    assert [one["code"] for one in rest["data"]] == ["power-less"]
    linked = (*LISTED[:2], (*LISTED[2][:4], "power-less", ""))
    await send_list(catalog, admin, list_file(linked), issued_on="2026-10-01")
    assert await gaps(catalog) == [("entry_without_item", "P-2")]


async def test_an_item_that_charges_what_no_fee_list_knows_is_a_gap(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    charged = {"is_charged": True, "text": {"zh": "每证十元"}, "basis": "某价格文件"}
    for code in ("listed", "unlisted"):
        await publish(code, simple(name=code, fee=charged, base_code=None, implementation_code=None))
    await publish("free", simple(name="免费", base_code=None, implementation_code=None))
    rows = (("F-1", "工本费", "公安局", "10 元", "发改价格〔2003〕1", "listed"),)
    assert (await send_list(catalog, admin, list_file(rows, FEE), "fee")).status_code == 201
    assert await gaps(catalog, "fee") == [("item_without_entry", "unlisted")]
    assert await gaps(catalog, "negative") == []


async def test_a_place_below_with_its_own_list_answers_for_its_own_items(
    catalog: ServiceUnderTest, admin: dict[str, str], publish: Publish
) -> None:
    await publish("district", simple(base_code=None, implementation_code=None))
    city = "511600000000"
    assert await gaps(catalog, region=city) == [("item_without_entry", "district")]
    await send_list(catalog, admin, list_file())
    assert await gaps(catalog, region=city) == []
    assert ("item_without_entry", "district") in await gaps(catalog)
    rows = (("C-1", "市级权力", "市局", "某法", "district", ""),)
    await send_list(catalog, admin, list_file(rows), region=city)
    assert ("item_without_entry", "district") not in await gaps(catalog), "the city's entry stands behind it"


async def test_what_was_imported_never_changes_and_gaps_are_found_by_index(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await send_list(catalog, admin, list_file())
    for table in ("list_editions", "list_entry_versions"):
        with pytest.raises(DBAPIError, match="kept as they were"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(f"DELETE FROM {table}"))
    asked = {
        "kind": "power", "region": DISTRICT, "first": DISTRICT, "last": "511602999999", "own_first": [], "own_last": [], "above": [DISTRICT],
        "gap": None, "department": None, "after_gap": None, "after_code": None, "limit": 10,
    }  # fmt: skip
    async with catalog.runtime.db.write() as tx:
        for costly in ("seqscan", "hashjoin", "mergejoin"):
            await tx.execute(text(f"SET LOCAL enable_{costly} = off"))
        plan = "\n".join(row[0] for row in await tx.rows(text("EXPLAIN " + GAPS.text), asked))
    assert "ix_item_versions_base_code" in plan and "ix_items_region_code" in plan
