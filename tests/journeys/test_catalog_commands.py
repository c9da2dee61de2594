"""An operator imports a base catalog and reviews what it changes, with the `tongban` command against a running suite."""

import asyncio
from pathlib import Path
import sys

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
