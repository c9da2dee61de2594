"""Importing base catalogs over HTTP: whole or not at all, and reading what is in force."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import ClientDisconnect

from tests.catalog.base_files import HEADER, ROWS, csv_file, decide_all, import_file, in_force, xlsx_file
from tests.support.service import ServiceUnderTest

ENTRIES = [dict(zip(HEADER, row, strict=True)) for row in ROWS]


async def _counts(service: ServiceUnderTest) -> dict[str, int]:
    tables = ("base_editions", "base_edition_entries", "base_entries", "base_differences", "base_decisions", "base_redirects")
    told = "outbox WHERE type LIKE 'tongban.catalog.base-entry.%'"
    async with service.runtime.db.read() as tx:
        return {table: await tx.scalar(text(f"SELECT count(*) FROM {table}")) for table in (*tables, told)}


def _errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:tongban:problem:base-file-invalid"
    assert answer.json()["fault_count"] >= len(answer.json()["errors"]) > 0
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (csv_file(), "csv"),
        (csv_file(encoding="utf-8-sig"), "csv"),
        (csv_file(encoding="gb18030"), "csv"),
        (xlsx_file(), "xlsx"),
        (orjson.dumps(ENTRIES), "json"),
        (orjson.dumps({"entries": ENTRIES}), "json"),
    ],
    ids=["utf-8", "utf-8-bom", "gb18030", "xlsx", "json array", "json object"],
)
async def test_every_kind_of_file_gives_the_same_edition(
    catalog: ServiceUnderTest, admin: dict[str, str], content: bytes, kind: str
) -> None:
    answer = await import_file(catalog, admin, content)
    edition = answer.json()
    assert (answer.status_code, edition["number"], edition["file_kind"], edition["entry_count"]) == (201, 1, kind, 4)
    assert (edition["issued_on"], edition["state"]) == ("2026-09-01", "open")
    assert (edition["differences"]["kinds"]["added"], edition["differences"]["undecided"]) == (4, 4)
    async with catalog.runtime.db.read() as tx:
        stored = [row.entry for row in await tx.rows(text("SELECT entry FROM base_edition_entries ORDER BY code"))]
    assert stored[0] == {
        "code": "000131024000", "name": "食品经营许可", "department": "市场监管局",
        "elements": {"item_type": "01", "legal_basis": "食品安全法第三十五条"},
    }  # fmt: skip
    assert [one["code"] for one in stored] == [row[0] for row in ROWS]


async def test_importing_changes_nothing_until_it_is_accepted(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await import_file(catalog, admin, csv_file())
    assert (await catalog.http.get("/base-catalogs/sichuan/entries")).json()["data"] == []
    assert (await catalog.http.get("/base-catalogs/sichuan/entries/000131024000")).status_code == 404
    assert await catalog.emitted("tongban.catalog.base-entry.changed.v1") == []
    assert (await decide_all(catalog, admin, 1, 4)).json()["state"] == "finished"
    listed = (await catalog.http.get("/base-catalogs/sichuan/entries", params={"limit": 3})).json()
    assert [one["name"] for one in listed["data"]] == [row[1] for row in ROWS[:3]]
    rest = (await catalog.http.get("/base-catalogs/sichuan/entries", params={"cursor": listed["next_cursor"]})).json()
    assert ([one["code"] for one in rest["data"]], rest["next_cursor"]) == ([ROWS[3][0]], None)


async def test_the_same_file_again_changes_nothing(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    before = await _counts(catalog)
    again = await import_file(catalog, admin, csv_file(), issued_on="2026-09-15")
    assert (again.status_code, again.json()["number"], again.json()["issued_on"]) == (200, 1, "2026-09-01")
    assert await _counts(catalog) == before


async def test_the_same_content_in_another_file_is_an_edition_without_differences(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    edition = (await import_file(catalog, admin, xlsx_file())).json()
    assert (edition["number"], edition["state"], edition["differences"]["undecided"]) == (2, "finished", 0)


async def test_the_same_file_sent_many_times_at_once_is_one_edition(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    answers = await asyncio.gather(*(import_file(catalog, admin, csv_file()) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert (await _counts(catalog))["base_edition_entries"] == 4


async def test_an_upload_that_breaks_off_leaves_nothing_and_is_sent_again(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    async def half() -> Any:
        yield csv_file()[:100]
        raise ClientDisconnect

    parameters = {"issued_on": "2026-09-01", "source": "省目录"}
    broken = await catalog.http.post("/base-catalogs/sichuan/editions", content=half(), params=parameters, headers=admin)
    assert (broken.status_code, broken.json()["type"]) == (400, "urn:tongban:problem:upload-broken")
    assert (await _counts(catalog))["base_editions"] == 0
    assert (await import_file(catalog, admin, csv_file())).status_code == 201


async def test_a_file_of_100_mb_is_refused_before_it_is_read(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 1_000_000

    parameters = {"issued_on": "2026-09-01", "source": "省目录"}
    declared = {**admin, "Content-Length": "100000000"}
    answer = await catalog.http.post("/base-catalogs/sichuan/editions", content=endless(), params=parameters, headers=declared)
    assert (answer.status_code, answer.json()["type"], answer.json()["limit_bytes"]) == (
        413,
        "urn:tongban:problem:too-large",
        20 * 1024 * 1024,
    )
    assert read <= 1
    undeclared = await catalog.http.post("/base-catalogs/sichuan/editions", content=endless(), params=parameters, headers=admin)
    assert undeclared.status_code == 413 and read <= 23


async def test_every_bad_row_is_told_by_line_and_column_and_nothing_is_imported(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    rows = (
        *ROWS[:1],
        ("000099024000", "类型不对", "市场监管局", "行政许可", ""),
        ("", "没有编码\n还换行", "", "行政许可", ""),
        ("a b", "编码有空格", "市场监管局", "行政许下", "{0.__class__}"),
        ROWS[0],
        ("000131128000", "类型不一致", "市场监管局", "公共服务", ""),
        ("x", "名" * 301, "市场监管局", "", "", "多一格"),
    )
    answer = await import_file(catalog, admin, csv_file(rows))
    assert _errors(answer) == [
        ("line:3:基本编码", "code-invalid"),
        ("line:4:基本编码", "cell-empty"),
        ("line:4:主管部门", "cell-empty"),
        ("line:6:基本编码", "code-invalid"),
        ("line:6:事项类型", "item-type-unknown"),
        ("line:7:基本编码", "code-twice"),
        ("line:8:基本编码", "item-type-differs"),
        ("line:9", "row-too-long"),
        ("line:9:事项名称", "cell-too-long"),
    ]
    details = [error["detail"] for error in answer.json()["errors"]]
    assert "与第 2 行重复" in details[5] and "行政许下" in details[4]
    assert set((await _counts(catalog)).values()) == {0}


async def test_a_missing_column_is_told_with_those_that_are_there_and_can_be_named(
    catalog: ServiceUnderTest, admin: dict[str, str]
) -> None:
    content = csv_file(header=("item no", *HEADER[1:]))
    refused = await import_file(catalog, admin, content)
    assert _errors(refused) == [("line:1:code", "column-missing")]
    assert "item no、事项名称" in refused.json()["errors"][0]["detail"]
    assert (await import_file(catalog, admin, content, column=["code=item no"])).status_code == 201


@pytest.mark.parametrize("column", [["code"], ["colour=item no"], ["code=a", "code=b"], ["code=a", "name=a"], ["=a"], ["code="]])
async def test_a_column_named_wrongly_is_refused(catalog: ServiceUnderTest, admin: dict[str, str], column: list[str]) -> None:
    answer = await import_file(catalog, admin, csv_file(), column=column)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:column-mapping-invalid")


async def test_faults_beyond_a_thousand_are_counted(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    answer = await import_file(catalog, admin, csv_file((("?", "n", "d", "", ""),) * 1500))
    assert (answer.json()["fault_count"], len(answer.json()["errors"])) == (1500, 1000)


async def test_an_older_edition_cannot_follow_a_newer_one(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    answer = await import_file(catalog, admin, csv_file(ROWS[:3]), issued_on="2026-08-31")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:tongban:problem:edition-outdated")
    assert (await import_file(catalog, admin, csv_file(ROWS[:3]), issued_on="2026-09-01")).status_code == 201


async def test_a_check_tells_what_an_import_would_change_and_keeps_nothing(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    before = await _counts(catalog)
    checked = await catalog.http.post("/base-catalogs/sichuan/checks", content=csv_file(ROWS[1:]), headers=admin)
    assert (checked.status_code, checked.json()["is_known"], checked.json()["kinds"]["deleted"]) == (200, False, 1)
    assert [one["before"]["name"] for one in checked.json()["differences"]] == ["食品经营许可"]
    same = await catalog.http.post("/base-catalogs/sichuan/checks", content=csv_file(), headers=admin)
    assert same.json()["is_known"] and same.json()["differences"] == []
    bad = await catalog.http.post("/base-catalogs/sichuan/checks", content=b"a,b\n1,2\n", headers=admin)
    assert {code for _, code in _errors(bad)} == {"column-missing"}
    assert await _counts(catalog) == before


async def test_a_repeated_import_with_its_key_gets_the_same_answer(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    keyed = {**admin, "Idempotency-Key": "import-2026-09"}
    first, again = await import_file(catalog, keyed, csv_file()), await import_file(catalog, keyed, csv_file())
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotent-replay"] == "true"


async def test_only_those_who_administer_may_import_or_see_reviews(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await import_file(catalog, admin, csv_file())
    for headers in ({}, catalog.as_("person", "catalog.admin"), catalog.as_("service", "catalog.read")):
        for path in (
            "/base-catalogs/sichuan/editions",
            "/base-catalogs/sichuan/editions/1",
            "/base-catalogs/sichuan/editions/1/differences",
        ):
            assert (await catalog.http.get(path, headers=headers)).status_code in (401, 403)
        assert (await import_file(catalog, headers, csv_file())).status_code in (401, 403)
        assert (await decide_all(catalog, headers, 1, 4)).status_code in (401, 403)


async def test_editions_are_listed_newest_first_and_unknown_ones_are_404(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    await import_file(catalog, admin, csv_file(ROWS[:3]))
    await import_file(catalog, admin, csv_file(ROWS[:2]))
    listed = (await catalog.http.get("/base-catalogs/sichuan/editions", headers=admin)).json()["data"]
    assert [(one["number"], one["state"]) for one in listed] == [(3, "open"), (2, "superseded"), (1, "finished")]
    for path in ("/base-catalogs/sichuan/editions/9", "/base-catalogs/none/editions/1", "/base-catalogs/none/editions/1/differences"):
        assert (await catalog.http.get(path, headers=admin)).status_code == 404


async def test_an_imported_edition_cannot_be_changed_even_in_the_database(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    await in_force(catalog, admin)
    for statement in ("UPDATE base_editions SET source = ''", "DELETE FROM base_edition_entries", "UPDATE base_decisions SET reason = ''"):
        with pytest.raises(DBAPIError, match="never change"):
            async with catalog.runtime.db.write() as tx:
                await tx.execute(text(statement))
