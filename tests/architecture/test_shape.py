"""The shape of the house: small chassis, clear names, short functions, one direction."""

import ast
from pathlib import Path
import re
import subprocess
import sys

import pytest

from tests.architecture.house import CODE, ROOT, code_lines, source_files

CHASSIS_LINES = 3_000
BUSINESS_NOUNS = re.compile(
    r"\b(citizen|applicant|applicants|licen[cs]e|permit|receipt|certificate|certificates|intake|approval|catalog|wallet|clerk|reviewer"
    r"|situation|bundle|wallets|ministry|事项|办件|受理|证照|申请人|窗口)\b",
    re.IGNORECASE,
)
BANNED_NAMES = {"utils.py", "helpers.py", "common.py", "manager.py", "base.py", "misc.py"}


def test_the_chassis_stays_small() -> None:
    counts = {path.relative_to(ROOT): code_lines(path) for path in source_files("chassis")}
    total = sum(counts.values())
    assert total < CHASSIS_LINES, f"{total} lines of code: {sorted(counts.items(), key=lambda pair: -pair[1])[:6]}"


@pytest.mark.parametrize("path", list(source_files("chassis")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_chassis_holds_no_business_nouns(path: Path) -> None:
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", path.read_text())
    assert {match.group(0).lower() for match in BUSINESS_NOUNS.finditer(text)} == set()


def test_the_noun_check_can_fail() -> None:
    assert BUSINESS_NOUNS.search("def accept the citizen") and BUSINESS_NOUNS.search("the receipt number")


def test_httpexception_stays_in_the_chassis() -> None:
    found = [path for folder in ("services", "gateway", "host") for path in source_files(folder) if "HTTPException" in path.read_text()]
    assert found == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [path for path in source_files(*CODE) if path.name in BANNED_NAMES] == []


def test_files_and_functions_stay_short() -> None:
    long: list[str] = []
    for path in source_files(*CODE):
        text = path.read_text()
        if text.count("\n") > 430:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > 60:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")
    assert long == []


def test_every_module_says_what_it_is() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in source_files(*CODE)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert [name for name in bare if "/migrations/" not in name] == []


def test_imports_go_the_one_way() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:]
    assert "0 broken" in run.stdout
