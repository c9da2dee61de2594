"""`tongban admin` as an operator and the first administrator run it, against a running suite."""

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from host.cli import app
from host.demo.gateway import Gateway
from host.demo.sign_in import sign_in
from standards.uscc import make_uscc
from tests.support.suite import RunningSuite

pytestmark = pytest.mark.xdist_group("suite-single")

CITY, BELOW = make_uscc("11", "511600", "MB000901"), make_uscc("11", "511602", "MB000902")
PASSWORD = "long enough 密码"


def tongban(suite: RunningSuite, *arguments: str, typed: str = "") -> tuple[int, str]:
    words = ["admin", *arguments, "--url", suite.url, *([] if arguments[0] == "become" else ["--var", str(suite.var)])]
    result = CliRunner().invoke(app, words, input=typed)
    return result.exit_code, result.output + (str(result.exception) if isinstance(result.exception, SystemExit) else "")


def become(suite: RunningSuite, secret: str) -> tuple[int, str]:
    facts = ["--login", "city.admin", "--name", "甲", "--uscc", CITY, "--department", "市审批局", "--region", "511600000000"]
    return tongban(suite, "become", *facts, typed=f"{secret}\n{PASSWORD}\n{PASSWORD}\n")


async def test_from_the_first_secret_to_an_approved_system(single: RunningSuite, tmp_path: Path) -> None:
    async def run(*arguments: str) -> tuple[int, str]:
        return await asyncio.to_thread(tongban, single, *arguments)

    code, said = await run("first")
    assert code == 0, said
    code, told = await asyncio.to_thread(become, single, said.split("\n")[0])
    assert code == 0 and "甲" in told and PASSWORD not in told, told
    assert (await run("first"))[0] != 0
    departments, staff = tmp_path / "departments.csv", tmp_path / "staff.csv"
    departments.write_text(f"统一社会信用代码,名称,区划代码,上级部门\n{BELOW},区审批局,511602000000,{CITY}\n", encoding="gb18030")
    staff.write_text(f"登录名,姓名,部门,区划代码,岗位,授权等级\nnew.clerk,乙,{BELOW},511602000000,window,1\n", encoding="utf-8-sig")
    assert "新增 new 1" in (await run("import-departments", str(departments)))[1]
    for option, sentence in (("--check", "检查通过"), ("", "已导入"), ("", "未变 unchanged 1")):
        code, told = await run("import-staff", str(staff), *filter(None, [option]))
        assert code == 0 and sentence in told, told
    staff.write_text(f"登录名,姓名,部门,区划代码,岗位,授权等级\nother,=1+1,{BELOW},511602000000,window,1\n", encoding="utf-8")
    code, told = await run("import-staff", str(staff))
    assert code != 0 and "第 2 行 name" in told, told
    code, told = await run("reset-password", "new.clerk")
    async with httpx.AsyncClient(base_url=single.url, timeout=60) as http:
        chosen = {"secret": told.split("\n")[0], "password": PASSWORD}
        assert (await http.post("/api/identity/v1/staff/new.clerk/password", json=chosen)).status_code == 204
        await sign_in(Gateway(http), "new.clerk", PASSWORD)
        headers = {"Authorization": f"Bearer {await sign_in(Gateway(http), 'city.admin', PASSWORD)}"}
        body = {
            "client_id": "sys-below",
            "name": "区局系统",
            "department": BELOW,
            "scopes": ["exchange.subscribe"],
            "purpose": "接收办件事件",
        }
        asked = await http.post("/api/identity/v1/client-requests", json=body, headers=headers)
        assert asked.status_code == 201, asked.text
        assert "sys-below" in (await run("clients"))[1]
        code, told = await run("approve-client", asked.json()["id"])
        form = {"grant_type": "client_credentials", "client_id": "sys-below", "client_secret": told.split("\n")[0]}
        assert (await http.post("/api/identity/v1/token", data=form)).json()["scope"] == "exchange.subscribe"


def test_a_command_without_an_installation_or_a_suite_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["admin", "first", "--url", "http://127.0.0.1:9", "--var", str(tmp_path)])
    assert result.exit_code != 0 and "--var" in str(result.exception)
    (tmp_path / "master.key").write_text("A" * 43)
    result = CliRunner().invoke(app, ["admin", "first", "--url", "http://127.0.0.1:9", "--var", str(tmp_path)])
    assert result.exit_code != 0 and "nobody answers" in str(result.exception)
