import pytest
from tests.catalog.api.test_search import *
from tests.catalog.api.test_search import _codes
pytestmark = pytest.mark.asyncio(loop_scope="module")
async def test_try(city):
    for q in ["开饭店","我要开饭店","饭店","食品","spjyxk","kaifandian","kfd","shipin","jyxk","food","食品经营许可","怎么办食品经营许可证","养老","护照","结婚","社保","000131024000","药店","身份证","孩子出生","fapiao","sp","税","房","kai fan dian", "餐馆", "营业执照","开公司","xyz"]:
        r=await city.http.get("/items", params={"q":q,"limit":5}); print(q, [d["name"] for d in r.json()["data"]])
