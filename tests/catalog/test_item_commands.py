"""`tongban catalog export-items | import-items | edit-items`, against the service itself; the words of the command line in tests/journeys."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from host.catalog_drift import CatalogCommandFailed, Operator
from host.catalog_items import edit_items, export_items, import_items
from host.cli import app
from host.demo.gateway import Gateway
from tests.catalog.conftest import Publish
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest

LIMIT = {"do": "set_promised_limit", "limit": {"days": 5, "unit": "working_day"}}


@pytest.fixture
async def api(catalog: ServiceUnderTest) -> AsyncIterator[Operator]:
    transport = httpx.ASGITransport(app=catalog.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tests", headers={"Accept-Language": "zh-CN"}) as http:
        token = catalog.as_("service", "catalog.admin")["Authorization"].removeprefix("Bearer ")
        yield Operator(Gateway(http), token, "items")


@pytest.fixture
def said() -> list[str]:
    return []


async def test_what_is_written_out_is_taken_back_and_changes_nothing(
    api: Operator, publish: Publish, tmp_path: Path, said: list[str]
) -> None:
    for at in range(3):
        await publish(f"item-{at}", item(visits=at))
    file, again = tmp_path / "事项.jsonl", tmp_path / "again.jsonl"
    await export_items(api, file, said.append)
    await import_items(api, file, is_check=True, say=said.append)
    await import_items(api, file, is_check=False, say=said.append)
    await export_items(api, again, said.append)
    assert again.read_bytes() == file.read_bytes() and len(file.read_bytes().splitlines()) == 3
    assert "导出 exported 3" in said[0] and all("不变 unchanged 3" in line for line in said[1:3])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.jsonl", "事项.jsonl"]


async def test_a_bad_file_is_told_line_by_line(api: Operator, tmp_path: Path, said: list[str]) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(orjson.dumps({"local_code": "food", "content": item(visits=-1)}) + b"\n{broken\n")
    with pytest.raises(CatalogCommandFailed) as failed:
        await import_items(api, file, is_check=False, say=said.append)
    assert "2 处问题" in str(failed.value)
    assert "第 1 行 · /content/visits：不小于 0" in str(failed.value) and "第 2 行：不是有效的 JSON" in str(failed.value)
    with pytest.raises(CatalogCommandFailed, match="missing"):
        await import_items(api, tmp_path / "missing.jsonl", is_check=False, say=said.append)
    assert said == []


async def test_an_edit_is_shown_then_done_and_not_done_twice(api: Operator, publish: Publish, said: list[str]) -> None:
    await publish("food", item())
    await edit_items(api, {"local_codes": ["food"]}, LIMIT, digest="", say=said.append)
    assert said[:2] == ["food\t食品经营许可", "    承诺时限由 8 个工作日改为 5 个工作日"]
    digest = said[-1].split("--apply ")[1]
    await edit_items(api, {"local_codes": ["food"]}, LIMIT, digest=digest, say=said.append)
    assert "1 个事项" in said[-1]
    with pytest.raises(CatalogCommandFailed, match="重新预览"):
        await edit_items(api, {"local_codes": ["food"]}, LIMIT, digest=digest, say=said.append)
    said.clear()
    await edit_items(api, {}, {**LIMIT, "limit": {"days": 90}}, digest="", say=said.append)
    assert any("promise-exceeds-law" in line for line in said) and "不能执行" in said[-1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--promised-limit"),
        (("--visits", "2", "--add-channel", "1"), "--visits"),
        (("--promised-limit", "soon"), "10:working_day"),
        (("--replace", "只有旧文字"), "旧=新"),
    ],
)
def test_an_edit_that_is_none_says_how_it_is_written(words: tuple[str, ...], told: str) -> None:
    shown = CliRunner().invoke(app, ["catalog", "edit-items", *words], env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    assert (shown.exit_code, told in shown.output) == (2, True), shown.output
