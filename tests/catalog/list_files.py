"""Files of the four lists, and sending them."""

import csv
import io
from typing import Any

import httpx

from tests.support.service import ServiceUnderTest

DISTRICT = "511602000000"
POWER = ("权力编码", "权力名称", "实施部门", "设定依据", "关联事项", "基本编码")
FEE = ("收费编码", "收费项目", "收费单位", "收费标准", "收费依据", "关联事项")
LISTED = (
    ("P-1", "食品经营许可", "市场监管局", "食品安全法第三十五条", "", "000131024000"),
    ("P-2", "烟草专卖零售许可", "烟草专卖局", "烟草专卖法第十六条", "tobacco、tobacco-2", ""),
    ("P-3", "户外广告审批", "城市管理局", "广告法第四十一条", "", ""),
)
Rows = tuple[tuple[str, ...], ...]


def list_file(rows: Rows = LISTED, header: tuple[str, ...] = POWER, *, encoding: str = "utf-8") -> bytes:
    content = io.StringIO()
    csv.writer(content).writerows([header, *rows])
    return content.getvalue().encode(encoding)


async def send_list(
    catalog: ServiceUnderTest, admin: dict[str, str], content: bytes, kind: str = "power", what: str = "editions", **query: Any
) -> httpx.Response:
    issued = {"issued_on": "2026-09-01", "source": "区政府办"} if what == "editions" else {}
    return await catalog.http.post(f"/lists/{kind}/{what}", content=content, params={"region": DISTRICT, **issued, **query}, headers=admin)
