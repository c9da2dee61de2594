"""`tongban demo` as people and programs run it."""

import asyncio
import json
from pathlib import Path
import sys
from typing import Any

import httpx
import pytest

from host.demo.journey import STEPS
from tests.support.suite import ROOT, RunningSuite

pytestmark = pytest.mark.xdist_group("suite-single")


async def test_the_demo_tells_every_step_and_keeps_the_licence(single: RunningSuite) -> None:
    code, out, err = await _demo(single.url, single.var)
    assert code == 0, out + err
    assert err == ""
    for step in STEPS:
        assert step.zh in out
        assert step.en in out
    assert "全部通过" in out
    assert any(file.read_bytes().startswith(b"%PDF-") for file in (single.var / "demo").glob("*.pdf"))


async def test_the_demo_prints_one_document_for_programs_whose_links_work(single: RunningSuite) -> None:
    code, out, err = await _demo(single.url, single.var, "--json")
    assert (code, err) == (0, "")
    document: dict[str, Any] = json.loads(out)
    assert document["ok"] is True
    assert [step["step"] for step in document["steps"]] == [step.key for step in STEPS]
    async with httpx.AsyncClient() as http:
        tracking = (await http.get(document["links"]["tracking"])).json()
        verified = (await http.get(document["links"]["verify"])).json()
    assert tracking["receipt_number"] == document["ids"]["receipt_number"]
    assert verified["identifier"] == document["ids"]["certificate_identifier"]


async def test_the_demo_says_what_to_do_when_nothing_runs(single: RunningSuite, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    code, out, _ = await _demo(nowhere, single.var)
    assert (code, "make run" in out, "sign-up" in out or "signs up" in out) == (1, True, True)
    code, out, _ = await _demo(nowhere, single.var, "--json")
    assert (code, json.loads(out)["failed"]["step"]) == (1, "sign_up")
    code, out, _ = await _demo(nowhere, tmp_path)
    assert (code, "--var" in out) == (1, True)
    assert not list(tmp_path.iterdir()), "a demonstration founds no installation"


async def _demo(url: str, var: Path, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "host", "demo", "--url", url, "--var", str(var), *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
