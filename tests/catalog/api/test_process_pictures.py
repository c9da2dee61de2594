"""The process of an item as SVG and as BPMN 2.0, over HTTP."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.catalog.conftest import Publish
from tests.catalog.sample import item, sample_items
from tests.support.service import ServiceUnderTest

FOOD = {**sample_items()["food-business-permit"], "region_code": "511602000000"}
SVG, BPMN = "{http://www.w3.org/2000/svg}", "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def read(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314  our own answer


async def test_a_process_is_drawn_with_a_title_and_a_description_for_those_who_do_not_see_it(
    catalog: ServiceUnderTest, publish: Publish
) -> None:
    await publish("food", FOOD)
    answer = await catalog.http.get("/items/food/process.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert (
        "script-src" not in answer.headers["content-security-policy"] and "default-src 'none'" in answer.headers["content-security-policy"]
    )
    picture = read(answer.content)
    assert picture.get("role") == "img"
    titles = [element.text or "" for element in picture.findall(f"{SVG}title") + picture.findall(f"{SVG}desc")]
    assert titles[0] == "食品经营许可办理流程"
    assert "2. 现场核查（现场核查，4个工作日）" in titles[1]
    english = read((await catalog.http.get("/items/food/process.svg", params={"language": "en"})).content)
    assert english.findtext(f"{SVG}title") == "Process of Food business permit"


async def test_a_process_without_a_plan_is_drawn_from_its_steps(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("food", item())
    document = read((await catalog.http.get("/items/food/process.bpmn")).content)
    tasks = [element.get("name") for element in document.iter(f"{BPMN}userTask")]
    assert tasks == ["审查", "决定"]
    assert len(list(document.iter(f"{BPMN}exclusiveGateway"))) == 1, "the decision may send it back"


@pytest.mark.parametrize("kind", ["svg", "bpmn"])
async def test_a_reader_who_has_the_picture_is_not_sent_it_again_and_a_version_keeps_its_own(
    catalog: ServiceUnderTest, publish: Publish, kind: str
) -> None:
    version = (await publish("food", item())).json()["version_id"]
    first = await catalog.http.get(f"/items/food/process.{kind}")
    tag = first.headers["etag"]
    again = await catalog.http.get(f"/items/food/process.{kind}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    english = await catalog.http.get(f"/items/food/process.{kind}", headers={"If-None-Match": tag, "Accept-Language": "en"})
    assert english.status_code == 200
    await publish("food", FOOD)
    now = await catalog.http.get(f"/items/food/process.{kind}", headers={"If-None-Match": tag})
    assert (now.status_code, now.content == first.content) == (200, False)
    before = await catalog.http.get(f"/item-versions/{version}/process.{kind}")
    assert before.content == first.content


@pytest.mark.parametrize("path", ["/items/nothing", "/item-versions/0199a000-0000-7000-8000-000000000001"])
async def test_what_there_is_not_has_no_picture(catalog: ServiceUnderTest, path: str) -> None:
    for kind in ("svg", "bpmn"):
        assert (await catalog.http.get(f"{path}/process.{kind}")).status_code == 404


async def test_names_that_are_no_xml_do_not_break_the_picture(catalog: ServiceUnderTest, publish: Publish) -> None:
    odd = "审查<&\"'>\u0008\ufffe]]>"
    steps: list[dict[str, Any]] = [{**one, "name": odd} for one in item()["process"]]
    assert (await publish("food", item(process=steps, name=odd))).status_code == 201
    for kind in ("svg", "bpmn"):
        assert odd.replace("\u0008", "").replace("\ufffe", "") in "".join(
            (element.text or "") + (element.get("name") or "")
            for element in read((await catalog.http.get(f"/items/food/process.{kind}")).content).iter()
        )
