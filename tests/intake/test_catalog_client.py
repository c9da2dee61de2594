"""Intake's reading of the catalog against the real catalog: what one answers, the other understands."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from chassis.http import Answer, HttpClient, PeerInvalid
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from services.intake.clients.catalog import CatalogClient
from services.intake.errors import SituationElsewhere, SituationInvalid, SituationOpen
from tests.catalog.sample import CITY_REGIONS, sample_items
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

FOOD = "food-business-permit"


class _Wire:
    """Carries intake's calls straight into the catalog under test."""

    def __init__(self, catalog: ServiceUnderTest) -> None:
        self._catalog = catalog

    async def post(self, peer: str, path: str, body: Any) -> Answer:
        answered = await self._catalog.http.post(path, json=body)
        if answered.status_code == 422:
            raise PeerInvalid(422, answered.json())
        return Answer(answered.status_code, dict(answered.headers), answered.content)


@pytest.fixture
async def client(migrated_database: MigratedDatabases) -> AsyncIterator[CatalogClient]:
    async with running_service(create_app, CatalogSettings, database_url=await migrated_database("catalog")) as catalog:
        admin = catalog.as_("service", "catalog.admin")
        await catalog.http.put("/regions", json={"regions": CITY_REGIONS}, headers=admin)
        published = await catalog.http.put(f"/items/{FOOD}", json=sample_items()[FOOD], headers=admin)
        assert published.status_code == 201, published.text
        yield CatalogClient(cast(HttpClient, _Wire(catalog)), keep_seconds=0, clock=catalog.runtime.clock)


async def test_a_narrowed_item_demands_the_materials_and_fields_of_its_situation(client: CatalogClient) -> None:
    item = await client.narrowed_item(FOOD, {"business": ["catering"], "vending": ["no"], "agent": ["yes"]})
    assert [ask.key for ask in item.materials if ask.necessity == "required"] == [
        "application-form",
        "business-licence",
        "legal-representative-identity",
        "layout-and-workflow",
        "food-safety-rules",
        "authorisation-letter",
    ]
    assert "agent_name" in item.form["properties"] and "device_places" not in item.form["properties"]
    assert [step.kind for step in item.process] == ["review", "decide"]


async def test_what_does_not_lead_to_an_application_is_a_named_fact(client: CatalogClient) -> None:
    with pytest.raises(SituationOpen) as still:
        await client.narrowed_item(FOOD, {"business": ["catering"]})
    assert [error.pointer for error in still.value.errors] == ["/situation/vending", "/situation/agent"]
    with pytest.raises(SituationElsewhere) as elsewhere:
        await client.narrowed_item(FOOD, {"business": ["prepackaged"]})
    assert elsewhere.value.facts["item_code"] == "511Z31138001"
    wrong_answers: list[dict[str, list[str]]] = [{"business": ["bank"]}, {"Business!": ["x"]}, {"business": []}]
    for wrong in wrong_answers:
        with pytest.raises(SituationInvalid) as refused:
            await client.narrowed_item(FOOD, wrong)
        assert refused.value.errors and all(error.pointer.startswith("/situation") for error in refused.value.errors)
