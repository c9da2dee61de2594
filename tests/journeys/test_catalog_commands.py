"""An operator imports a base catalog and reviews what it changes, with the `tongban` command against a running suite."""

import asyncio
from pathlib import Path
import sys

import orjson
import pytest

from tests.catalog.base_files import ROWS, csv_file
from tests.support.suite import ROOT, RunningSuite

pytestmark = pytest.mark.xdist_group("suite-single")

ISSUED = ("--issued-on", "2026-09-01", "--source", "省政务服务事项基本目录")


async def _tongban(suite: RunningSuite, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "host", "catalog", *words, "--url", suite.url, "--var", str(suite.var)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_an_operator_imports_reviews_and_imports_again(single: RunningSuite, tmp_path: Path) -> None:
    file, name = tmp_path / "目录.csv", ("--catalog", "operators")
    file.write_bytes(csv_file(encoding="gb18030"))
    code, out, err = await _tongban(single, "import", str(file), *name, "--check")
    assert (code, err, "新增 4" in out) == (0, "", True)
    code, out, err = await _tongban(single, "import", str(file), *name, *ISSUED)
    assert (code, err) == (0, "")
    assert "100 %" in out and "第 1 版" in out and "新增 4" in out
    code, out, _ = await _tongban(single, "review", "accept", *name, "--every", "--reason", "首次导入")
    assert (code, "4 条" in out and "finished" in out) == (0, True)
    code, out, _ = await _tongban(single, "import", str(file), *name, *ISSUED)
    assert (code, "没有任何变化" in out) == (0, True)

    file.write_bytes(csv_file((("000131024001", *ROWS[0][1:]), (ROWS[1][0], "个体工商户设立登记", *ROWS[1][2:]), *ROWS[2:])))
    await _tongban(single, "import", str(file), *name, *ISSUED)
    code, out, _ = await _tongban(single, "review", "list", *name)
    recoded, renamed, ending = out.splitlines()
    assert "换码" in recoded and "000131024000 → 000131024001" in recoded and "更名" in renamed and ending.startswith("2 条")
    code, out, _ = await _tongban(single, "review", "accept", recoded.split("\t")[0], *name, "--reason", "核对无误")
    assert (code, "accepted" in out) == (0, True)
    code, out, _ = await _tongban(single, "review", "postpone", renamed.split("\t")[0], *name, "--reason", "待省厅答复")
    assert (code, "postponed" in out) == (0, True)
    code, out, _ = await _tongban(single, "review", "show", *name)
    assert "未决 0，采纳 1，不采纳 0，暂缓 1" in out.splitlines()[0] and "open" in out.splitlines()[0]
    code, _, err = await _tongban(single, "review", "reject", recoded.split("\t")[0], *name, "--reason", "反悔")
    assert (code, "已经采纳" in err) == (1, True)


async def test_a_bad_file_is_told_line_by_line_and_changes_nothing(single: RunningSuite, tmp_path: Path) -> None:
    file, name = tmp_path / "bad.csv", ("--catalog", "bad-files")
    file.write_bytes(csv_file((ROWS[0], ROWS[0], ("x", "", "民政局", "", ""))))
    code, _, err = await _tongban(single, "import", str(file), *name, *ISSUED)
    assert (code, "Traceback" in err) == (1, False)
    assert "2 处问题" in err and "第 3 行 · 基本编码：" in err and "第 4 行 · 事项名称：必填" in err
    code, _, err = await _tongban(single, "review", "show", *name)
    assert (code, "还没有导入" in err) == (1, True)
    file.write_bytes(b"x" * 100_000_000)
    code, _, err = await _tongban(single, "import", str(file), *name, *ISSUED)
    assert (code, "超过上限" in err) == (1, True), err
    code, _, err = await _tongban(single, "import", str(tmp_path / "none.csv"), *name, *ISSUED)
    assert (code, "none.csv" in err) == (1, True)


async def test_a_command_without_what_it_needs_says_so(single: RunningSuite, tmp_path: Path) -> None:
    code, _, err = await _tongban(single, "import", "x.csv", "--catalog", "operators")
    assert (code, "--issued-on" in err) == (2, True)
    code, _, err = await _tongban(single, "review", "accept", "--catalog", "operators", "--reason", "x")
    assert (code, "--every" in err) == (2, True)
    nowhere = RunningSuite(tmp_path, "single")
    code, _, err = await _tongban(nowhere, "review", "show", "--catalog", "operators")
    assert (code, "--var" in err, "Traceback" in err) == (1, True, False)


async def test_an_operator_loads_places_and_days_and_tells_them_again(single: RunningSuite, tmp_path: Path) -> None:
    code, out, err = await _tongban(single, "calendar", "--year", "2019", "--year", "2020")
    assert (code, err, [line.split("\t")[0] for line in out.splitlines()]) == (0, "", ["2019", "2020"])
    code, _, err = await _tongban(single, "calendar", "--year", "2031")
    assert (code, "2026" in err and "--file" in err) == (1, True)
    notices = tmp_path / "2031.json"
    notices.write_text('{"2031": {"holidays": ["2031-01-01"], "workdays": [], "source": "国办通知"}}')
    code, out, _ = await _tongban(single, "calendar", "--file", str(notices))
    assert (code, out.startswith("2031\t新载入")) == (0, True)
    notices.write_text("[]")
    code, _, err = await _tongban(single, "calendar", "--file", str(notices))
    assert (code, "应写作" in err) == (1, True)

    regions, changes = tmp_path / "regions.csv", tmp_path / "changes.csv"
    regions.write_text("code12,name,level,parent_code12\n810000000000,香港特别行政区,1,\n")
    code, out, err = await _tongban(single, "regions", str(regions))
    assert (code, err, "1 / 1" in out) == (0, "", True)
    changes.write_text(
        "year,type,level,old_code,old_name,new_code,new_name\n1997,新设,1,,,810000000000,香港特别行政区\n1999,更名,3,,某市郊区,,某区\n"
    )
    code, out, err = await _tongban(single, "region-changes", str(changes))
    assert (code, err, "new: 1" in out and "without a code: 1" in out) == (0, "", True)
    regions.write_text("code,name\n81,香港\n")
    code, _, err = await _tongban(single, "regions", str(regions))
    assert (code, "第 2 行" in err) == (1, True)
    for kind in ("calendar", "regions", "bundles", "lists", "base-entries", "items"):
        code, out, err = await _tongban(single, "tell-again", kind)
        assert (code, err, f"told again: {kind}" in out) == (0, "", True)


async def test_an_operator_takes_items_out_and_in_again_and_edits_many(single: RunningSuite, tmp_path: Path) -> None:
    file, again = tmp_path / "事项.jsonl", tmp_path / "again.jsonl"
    code, out, err = await _tongban(single, "export-items", str(file))
    assert (code, err, "已导出" in out) == (0, "", True)
    rows = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert len(rows) >= 70 and set(rows[0]) == {"local_code", "content"}
    code, out, _ = await _tongban(single, "import-items", str(file))
    assert (code, f"不变 unchanged {len(rows)}" in out, "变更 changed 0" in out) == (0, True, True)
    await _tongban(single, "export-items", str(again))
    assert again.read_bytes() == file.read_bytes()

    mine = {
        **rows[0],
        "local_code": "operators-own",
        "content": {**rows[0]["content"], "promised_limit": {"days": 1, "unit": "calendar_day"}},
    }
    mine["content"]["statutory_limit"] = {"days": 9, "unit": "calendar_day", "basis": "某条"}
    file.write_bytes(orjson.dumps(mine) + b"\n{broken\n")
    code, _, err = await _tongban(single, "import-items", str(file))
    assert (code, "第 2 行" in err, "Traceback" in err) == (1, True, False), err
    file.write_bytes(orjson.dumps(mine) + b"\n")
    code, out, _ = await _tongban(single, "import-items", str(file), "--check")
    assert (code, "新增 new 1" in out) == (0, True)
    assert (await _tongban(single, "import-items", str(file)))[0] == 0

    edit = ("edit-items", "--code", "operators-own", "--promised-limit", "2:calendar_day")
    code, out, _ = await _tongban(single, *edit)
    assert (code, "承诺时限由 1 个自然日改为 2 个自然日" in out) == (0, True), out
    digest = out.split("--apply ")[1].strip()
    code, out, _ = await _tongban(single, *edit, "--apply", digest)
    assert (code, "1 个事项" in out) == (0, True), out
    code, _, err = await _tongban(single, *edit, "--apply", digest)
    assert (code, "重新预览" in err) == (1, True), err
    code, out, _ = await _tongban(single, "edit-items", "--code", "operators-own", "--promised-limit", "60:calendar_day")
    assert (code, "promise-exceeds-law" in out, "不能执行" in out) == (0, True, True), out
    code, _, err = await _tongban(single, "edit-items", "--visits", "2", "--add-channel", "1")
    assert (code, "--visits" in err) == (2, True)
