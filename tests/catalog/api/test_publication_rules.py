"""The rules of publication over HTTP: listed, and tried without publishing."""

from typing import Any

from services.catalog.rules.publication import RULES
from tests.catalog.base_files import ROWS, in_force
from tests.catalog.conftest import Publish
from tests.catalog.rules.publication.pairs import PAIRS
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest


async def test_every_rule_is_listed_with_its_source_in_the_readers_language(catalog: ServiceUnderTest) -> None:
    chinese = await catalog.http.get("/publication-rules")
    english = await catalog.http.get("/publication-rules", headers={"Accept-Language": "en"})
    assert [one["name"] for one in chinese.json()["rules"]] == list(RULES)
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    [zh] = [one for one in chinese.json()["rules"] if one["name"] == "seal-missing"]
    [en] = [one for one in english.json()["rules"] if one["name"] == "seal-missing"]
    assert zh["source"].startswith("行政许可法第三十九条")
    assert en["source"].startswith("Administrative Licensing Law art. 39")
    assert en["how_to_fix"] == "Say in the result whose seal it bears"


async def test_checking_tells_every_finding_and_publishes_nothing(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    bad: dict[str, Any] = {**PAIRS["catch-all"].bad, "promised_limit": {"days": 21}, "region_code": "519999000000"}
    answer = await catalog.http.post("/items/food/check", json=bad, headers=admin)
    report = answer.json()
    assert (answer.status_code, report["is_publishable"]) == (200, False)
    assert [(one["pointer"], one["rule"]) for one in report["findings"]] == [
        ("/promised_limit/days", "promise-exceeds-law"),
        ("/materials/2/name", "catch-all"),
        ("/region_code", "region-unknown"),
    ]
    assert all(one["message"] and one["source"] and one["how_to_fix"] for one in report["findings"])
    assert (await catalog.http.get("/items/food")).status_code == 404
    assert await catalog.emitted("tongban.catalog.item.published.v1") == []


async def test_what_checks_clean_is_published(catalog: ServiceUnderTest, publish: Publish, admin: dict[str, str]) -> None:
    answer = await catalog.http.post("/items/food/check", json=item(), headers=admin)
    assert answer.json() == {"local_code": "food", "is_publishable": True, "findings": []}
    assert (await publish("food", item())).status_code == 201


async def test_a_refusal_says_how_to_put_it_right(publish: Publish) -> None:
    [error] = (await publish("food", PAIRS["seal-missing"].bad)).json()["errors"]
    assert (error["pointer"], error["code"]) == ("/results/0/seal", "seal-missing")
    assert error["detail"].endswith("改正：在办理结果中写明加盖谁的印章。")


async def test_checking_is_for_those_who_maintain_items(catalog: ServiceUnderTest) -> None:
    assert (await catalog.http.post("/items/food/check", json=item())).status_code == 401
    headers = catalog.as_("person", "catalog.read")
    assert (await catalog.http.post("/items/food/check", json=item(), headers=headers)).status_code == 403


async def test_a_code_that_the_base_catalog_has_given_up_is_not_published_anew(publish: Publish, catalog: Any, admin: Any) -> None:
    food, disability = ROWS[0], ROWS[-1]
    await in_force(catalog, admin)
    assert (await publish("food", item(base_code=food[0]))).status_code == 201
    await in_force(catalog, admin, (("000131024001", *food[1:]), *ROWS[1:-1]))
    [moved] = (await publish("food", item(base_code=food[0], visits=2))).json()["errors"]
    assert (moved["pointer"], moved["code"], "000131024001" in moved["detail"]) == ("/base_code", "base-code-retired", True)
    gone = item(base_code=disability[0], implementation_code=None, handling_item_code=None, item_type=disability[0][2:4].lstrip("0"))
    assert "base-code-retired" in {one["code"] for one in (await publish("card", gone)).json()["errors"]}
    assert (await catalog.http.get("/items/food")).json()["version_number"] == 1, "what is published stays"
