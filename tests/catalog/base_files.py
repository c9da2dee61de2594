"""Files of base catalogs as tests import them."""

import csv
import io
from typing import Any

import httpx
import openpyxl

from tests.support.service import ServiceUnderTest

HEADER = ("基本编码", "事项名称", "主管部门", "事项类型", "设定依据")
ROWS = (
    ("000131024000", "食品经营许可", "市场监管局", "行政许可", "食品安全法第三十五条"),
    ("000131128000", "个体工商户登记注册", "市场监管局", "行政许可", "个体工商户条例第八条"),
    ("000162112000", "烟草专卖零售许可", "烟草专卖局", "行政许可", "烟草专卖法第十六条"),
    ("002011001000", "残疾人证办理", "残疾人联合会", "公共服务", "残疾人保障法第二条"),
)
Rows = tuple[tuple[str, ...], ...]


def csv_file(rows: Rows = ROWS, header: tuple[str, ...] = HEADER, *, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def xlsx_file(rows: tuple[tuple[Any, ...], ...] = ROWS, header: tuple[str, ...] = HEADER, *, more_sheets: int = 0) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (header, *rows):
        sheet.append(row)
    for _ in range(more_sheets):
        workbook.create_sheet()
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


async def import_file(
    service: ServiceUnderTest, headers: dict[str, str], content: bytes, *, issued_on: str = "2026-09-01", **query: Any
) -> httpx.Response:
    parameters = {"issued_on": issued_on, "source": "省政务服务事项基本目录", **query}
    return await service.http.post("/base-catalogs/sichuan/editions", content=content, params=parameters, headers=headers)


async def decide_all(service: ServiceUnderTest, headers: dict[str, str], number: int, count: int, **chosen: Any) -> httpx.Response:
    body = {"decision": "accepted", "reason": "与省目录一致", "expected_count": count, **chosen}
    return await service.http.post(f"/base-catalogs/sichuan/editions/{number}/decisions", json=body, headers=headers)


async def in_force(service: ServiceUnderTest, headers: dict[str, str], rows: Rows = ROWS, **imported: Any) -> int:
    """Import rows and accept all that they change; the edition's number."""
    edition = (await import_file(service, headers, csv_file(rows), **imported)).json()
    accepted = await decide_all(service, headers, edition["number"], edition["differences"]["undecided"])
    assert accepted.json()["state"] == "finished", accepted.text
    number: int = edition["number"]
    return number
