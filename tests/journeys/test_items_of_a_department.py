"""A department keeps an item of its own, as its people and its system do it through the gateway: nobody from outside touches it."""

from typing import Any

import httpx
import pytest

from host import city_bodies
from host.demo.gateway import Gateway
from host.demo.sign_in import sign_in, sign_in_system
from host.sample_city import load_city
from tests.support.suite import RunningSuite

pytestmark = pytest.mark.xdist_group("suite-single")
CATALOG, CODE = "/api/catalog/v1", "kept-by-its-department"


def _content() -> dict[str, Any]:
    city = load_city()
    [own] = [one for one in city.items if one.key == "food-business-permit"]
    changes: dict[str, Any] = {
        "name": "散装食品备案（本部门维护）",
        "name_en": "Loose food filing",
        "synonyms": [],
        **dict.fromkeys(("base_code", "implementation_code")),
    }
    return city_bodies.item(city, own) | changes


async def test_a_system_drafts_an_editor_corrects_another_reviews_and_it_is_published(single: RunningSuite) -> None:
    cast = single.cast
    async with httpx.AsyncClient(base_url=single.url, timeout=60) as http:
        gateway = Gateway(http)
        system = await sign_in_system(gateway, cast.system, cast.system_secret)
        editor = await sign_in(gateway, "market-supervision.items", cast.password)
        reviewer = await sign_in(gateway, "market-supervision.items-reviewer", cast.password)
        decider = await sign_in(gateway, cast.decider, cast.password)

        body = {"local_code": CODE, "content": _content()}
        denied = await gateway.call("POST", f"{CATALOG}/item-drafts", token=decider, json=body, expect=(403,))
        assert denied.json()["type"] == "urn:tongban:problem:missing-scope"
        drafted = await gateway.call("POST", f"{CATALOG}/item-drafts", token=system, json=body, expect=(201,))
        path = f"{CATALOG}/item-drafts/{drafted.json()['id']}"
        corrected = await gateway.call(
            "PUT", path, token=editor, if_match=drafted.headers["etag"], json={"content": {**_content(), "visits": 0}}
        )
        late = await gateway.call(
            "PUT", path, token=system, if_match=drafted.headers["etag"], json={"content": {**_content(), "visits": 2}}, expect=(412,)
        )
        assert "visits" in late.text, "whoever comes second is told what the first changed"
        opinion = {"verdict": "approved", "opinion": "已核对"}
        etag = corrected.headers["etag"]
        await gateway.call("POST", f"{path}/review", token=editor, if_match=etag, json=opinion, expect=(403,))
        reviewed = await gateway.call("POST", f"{path}/review", token=reviewer, if_match=etag, json=opinion)
        published = await gateway.call(
            "POST", f"{path}/publication", token=editor, if_match=reviewed.headers["etag"], json={"effective_from": None}, expect=(201,)
        )
        assert published.json()["version_number"] >= 1
        guide = (await gateway.call("GET", f"{CATALOG}/items/{CODE}")).json()
        assert (guide["name"], guide["visits"]) == ("散装食品备案（本部门维护）", 0)
        hands = [row["done_by_name"] for row in (await gateway.call("GET", f"{path}/history", token=reviewer)).json()["data"]]
        assert hands[1:3] == ["吴雨水", "郑惊蛰"]
