"""The certificate library under test, its directory filled, and the people who come to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.certificates.app import CONSUMERS, create_app
from services.certificates.settings import CertificatesSettings
from tests.certificates.sample import BUSINESS_LICENCE, CITIZEN_ID, FOOD_PERMIT, IDENTITY_CARD, NOODLE_SHOP, type_body
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

Headers = dict[str, str]
Supply = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
async def library(migrated_database: MigratedDatabases) -> AsyncIterator[ServiceUnderTest]:
    url = await migrated_database("certificates")
    async with running_service(create_app, CertificatesSettings, database_url=url, consumers=CONSUMERS) as service:
        for code in (FOOD_PERMIT, IDENTITY_CARD, BUSINESS_LICENCE):
            answer = await service.http.put(
                f"/certificate-types/{code}", json=type_body(code), headers=service.as_("service", "certificates.admin")
            )
            assert answer.status_code == 201, answer.text
        yield service


@pytest.fixture
def operator(library: ServiceUnderTest) -> Headers:
    return library.as_("service", "certificates.supply", "certificates.admin")


@pytest.fixture
def supply(library: ServiceUnderTest, operator: Headers) -> Supply:
    async def post(body: dict[str, Any]) -> dict[str, Any]:
        answer = await library.http.post("/certificates", json=body, headers=operator)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return post


@pytest.fixture
def citizen(library: ServiceUnderTest) -> Headers:
    """Zhang Xiaoman, who holds the identity card of the samples."""
    index = library.runtime.keys.blind_index("citizen-id", CITIZEN_ID)
    return library.as_("person", "certificates.own", "certificates.use", name="张小满", holder_index=index, assurance=2)


@pytest.fixture
def noodle_shop(library: ServiceUnderTest) -> Headers:
    """The noodle shop, Zhang Xiaoman acting for it."""
    keys = library.runtime.keys
    act = {"sub": str(UUID(int=7)), "name": "张小满", "holder_index": keys.blind_index("citizen-id", CITIZEN_ID)}
    index = keys.blind_index("uscc", NOODLE_SHOP)
    return library.as_("organisation", "certificates.own", "certificates.use", name="春分面馆", holder_index=index, act=act)


@pytest.fixture
def stranger(library: ServiceUnderTest) -> Headers:
    index = library.runtime.keys.blind_index("citizen-id", uuid4().hex)
    return library.as_("person", "certificates.own", "certificates.use", name="路人", holder_index=index, assurance=2)
