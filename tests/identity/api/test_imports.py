"""Import of departments and staff: all or nothing, faults by line and column, and the same file twice changes nothing."""

from typing import Any

import httpx
import pytest

from services.identity.rules.csv_files import MOST_ROWS
from standards.uscc import make_uscc
from tests.identity.officials import CITY, DISTRICT, OTHER, TOWN, Officials

NEW, BELOW = make_uscc("11", "511602", "MB000501"), make_uscc("11", "511602", "MB000502")
DEPARTMENTS = (
    f"统一社会信用代码,名称,区划代码,上级部门\n{BELOW},新局下属所,511602000000,{NEW}\n{NEW.lower()},新局,511602000000,{DISTRICT}\n"
)
STAFF = f"""登录名,姓名,部门,区划代码,岗位,授权等级,事项编码
import.one,甲某,{DISTRICT},511602000000,window、reviewer,1,
import.two,乙某,{TOWN},511602100000,decider,2,SP-001；SP-002
"""


async def send(officials: Officials, kind: str, text: str | bytes, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    sent = {**(headers or officials.provider.admin), "Content-Type": "text/csv"}
    return await officials.http.post(f"/imports/{kind}", content=content, headers=sent, params=query)


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["entered"], body["changed"], body["unchanged"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_file_is_imported_once_and_changes_nothing_the_second_time(officials: Officials, encoding: str) -> None:
    assert counts(await send(officials, "departments", DEPARTMENTS.encode(encoding))) == (2, 0, 0)
    assert counts(await send(officials, "staff", STAFF.encode(encoding))) == (2, 0, 0)
    member = (await officials.http.get("/staff/import.two", headers=officials.provider.admin)).json()
    assert (member["name"], member["posts"], member["item_codes"]) == ("乙某", ["decider"], ["SP-001", "SP-002"])
    assert (await officials.http.get(f"/departments/{BELOW}")).json()["parent"] == NEW
    before = await officials.provider.service.emitted()
    assert counts(await send(officials, "departments", DEPARTMENTS.encode(encoding))) == (0, 0, 2)
    assert counts(await send(officials, "staff", STAFF.encode(encoding))) == (0, 0, 2)
    assert await officials.provider.service.emitted() == before


async def test_a_check_says_what_the_import_would_do_and_keeps_nothing(officials: Officials) -> None:
    before = await officials.provider.service.emitted()
    checked = await send(officials, "staff", STAFF, check=True)
    assert counts(checked) == (2, 0, 0) and checked.json()["is_check"] is True
    assert (await officials.http.get("/staff/import.one", headers=officials.provider.admin)).status_code == 404
    assert await officials.provider.service.emitted() == before
    assert counts(await send(officials, "staff", STAFF)) == (2, 0, 0)
    changed = STAFF.replace("甲某", "甲")
    assert counts(await send(officials, "staff", changed, check=True)) == counts(await send(officials, "staff", changed)) == (0, 1, 1)


async def test_every_fault_is_told_by_line_and_column_and_nothing_is_imported(officials: Officials) -> None:
    bad = (
        STAFF
        + f"import.three,丙某,{DISTRICT},5116x,window,9,\n,丁某,{DISTRICT},511602,window,1,\nimport.five,=1+1,{DISTRICT},511602,window,1,\n"
    )
    for check in (True, False):
        answer = await send(officials, "staff", bad, check=check)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:import-refused")
        assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} >= {
            ("line:4:region", "string_pattern_mismatch"),
            ("line:4:grade", "less_than_equal"),
            ("line:5:login", "missing"),
            ("line:6:name", "formula"),
        }
    assert "第 6 行" in answer.json()["errors"][0]["detail"]
    assert (await officials.http.get("/staff/import.one", headers=officials.provider.admin)).status_code == 404


async def test_lines_that_may_not_be_entered_are_named_and_none_is(officials: Officials) -> None:
    unknown = STAFF.replace(TOWN, NEW)
    answer = await send(officials, "staff", unknown)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("line:3:department", "department-unknown")]
    circle = f"uscc,name,region,parent\n{CITY},市局,511600000000,{DISTRICT}\n{NEW},新局,511602,\n"
    answer = await send(officials, "departments", circle)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("line:2:parent", "parent-invalid")]
    assert (await officials.http.get(f"/departments/{NEW}")).status_code == 404
    wrong = f"uscc,name,region\n{NEW[:-1]}{'0' if NEW[-1] != '0' else '1'},新局,511602\n"
    answer = await send(officials, "departments", wrong)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("line:2:uscc", "check_character")]


async def test_an_administrator_imports_within_their_departments_only(officials: Officials) -> None:
    admin = await officials.headers("admin")
    assert counts(await send(officials, "departments", DEPARTMENTS, admin)) == (2, 0, 0)
    assert counts(await send(officials, "staff", STAFF, admin)) == (2, 0, 0)
    for text, line in (
        (STAFF.replace("import.two", "stranger"), 3),
        (STAFF.replace("import.one", "x.one").replace(f"甲某,{DISTRICT}", f"甲某,{OTHER}"), 2),
    ):
        answer = await send(officials, "staff", text, admin)
        assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(f"line:{line}:", "out-of-reach")]
    own = STAFF.replace("import.one,甲某", "admin,官admin")
    assert (await send(officials, "staff", own, admin)).json()["errors"][0]["code"] == "own-record"


async def test_a_changed_office_in_a_file_stops_the_members_next_request(officials: Officials) -> None:
    chief = await officials.headers("chief")
    text = f"login,name,department,region,posts,grade\nchief,官chief,{DISTRICT},511602000000,decider,1\n"
    assert counts(await send(officials, "staff", text)) == (0, 1, 0)
    assert (await officials.http.get("/me", headers=chief)).status_code == 401


async def test_a_file_of_the_largest_size_is_imported_in_one_request(officials: Officials) -> None:
    lines = (f"many{n:04d},某某,{DISTRICT},511602000000,window,1\n" for n in range(MOST_ROWS))
    text = "login,name,department,region,posts,grade\n" + "".join(lines)
    assert counts(await send(officials, "staff", text)) == (MOST_ROWS, 0, 0)
    assert counts(await send(officials, "staff", text)) == (0, 0, MOST_ROWS)
    answer = await send(officials, "staff", text + f"one.more,某某,{DISTRICT},511602000000,window,1\n")
    assert answer.json()["errors"][0]["code"] == "too-many-rows"
