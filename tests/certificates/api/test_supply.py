import json
from typing import Any

import pytest
from sqlalchemy import text

from standards.certificate_id import parse
from tests.certificates.conftest import Headers, Supply
from tests.certificates.sample import (
    CITIZEN_ID,
    FOOD_PERMIT,
    ISSUER,
    NOODLE_SHOP,
    OTHER_DEPARTMENT,
    business_licence,
    identity_card,
)
from tests.support.service import ServiceUnderTest


async def test_a_supplied_certificate_has_a_right_identifier_and_is_told(library: ServiceUnderTest, supply: Supply) -> None:
    made = await supply(business_licence())
    assert parse(made["identifier"]).issuer == ISSUER["code"]
    [event] = await library.emitted()
    assert event["type"] == "tongban.certificates.certificate.issued.v1"
    assert (event["certificate_id"], event["identifier"], event["application_id"]) == (made["id"], made["identifier"], None)
    assert (event["number"], event["type_name"], event["authority"]) == (NOODLE_SHOP, "营业执照", ISSUER)
    assert event["holder"]["holder_index"] == library.runtime.keys.blind_index("uscc", NOODLE_SHOP)


async def test_a_departments_own_serial_is_kept(library: ServiceUnderTest, supply: Supply) -> None:
    made = await supply(business_licence(serial="2024000001", version=2))
    assert ".2024000001.002." in made["identifier"]


async def test_a_citizen_id_number_stands_neither_in_the_event_nor_in_the_tables(library: ServiceUnderTest, supply: Supply) -> None:
    await supply(identity_card())
    async with library.runtime.db.read() as tx:
        stored = await tx.scalar(
            text(
                "SELECT string_agg(row_to_json(c)::text, '') || (SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox)"
                " FROM certificates c"
            )
        )
    assert CITIZEN_ID not in stored and CITIZEN_ID[:17] not in stored
    assert "5116**********001X" in stored


async def test_the_same_certificate_is_not_taken_twice_but_its_next_version_is(
    library: ServiceUnderTest, supply: Supply, operator: Headers
) -> None:
    await supply(identity_card())
    again = await library.http.post("/certificates", json=identity_card(), headers=operator)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tongban:problem:certificate-already-supplied")
    await supply(identity_card(version=2))
    assert len(await library.emitted()) == 2


async def test_a_repeated_request_gets_the_same_answer(library: ServiceUnderTest, operator: Headers) -> None:
    headers = {**operator, "Idempotency-Key": "supply-0001"}
    first = await library.http.post("/certificates", json=business_licence(), headers=headers)
    second = await library.http.post("/certificates", json=business_licence(), headers=headers)
    assert (first.status_code, second.status_code) == (201, 201) and first.json() == second.json()
    assert len(await library.emitted()) == 1


async def test_a_departments_system_supplies_its_own_certificates_only(library: ServiceUnderTest) -> None:
    own = library.as_("system", "certificates.supply", department=ISSUER["code"])
    other = library.as_("system", "certificates.supply", department=OTHER_DEPARTMENT)
    refused = await library.http.post("/certificates", json=business_licence(), headers=other)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tongban:problem:not-the-issuer")
    assert (await library.http.post("/certificates", json=business_licence(), headers=own)).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (identity_card(holder={"kind": "person", "name": "张小满", "code": "511602198505200019"}), {"/holder/code"}),
        (identity_card(holder={"kind": "organisation", "name": "店", "code": NOODLE_SHOP}), {"/holder/kind"}),
        (identity_card(valid_until="2019-01-01"), {"/valid_until"}),
        (identity_card(serial=CITIZEN_ID), {"/serial"}),
        (identity_card(elements={"birth_date": "1985-02-30"}), {"/elements/holder_name", "/elements/citizen_id", "/elements/birth_date"}),
        (identity_card(elements={"holder_name": {"deep": 1}, "citizen_id": None}), {"/elements/holder_name", "/elements/citizen_id"}),
        (identity_card(number="", region_code="x"), {"/number", "/region_code"}),
        (identity_card(version=1000), {"/version"}),
        (identity_card(valid_from="2020-13-01"), {"/valid_from"}),
    ],
)
async def test_everything_wrong_with_a_certificate_is_said_at_once(
    library: ServiceUnderTest, operator: Headers, body: dict[str, Any], pointers: set[str]
) -> None:
    answer = await library.http.post("/certificates", json=body, headers=operator)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers
    assert CITIZEN_ID not in answer.text
    assert await library.emitted() == []


async def test_a_type_nobody_registered_is_named(library: ServiceUnderTest, operator: Headers) -> None:
    unknown = FOOD_PERMIT[:18] + "099"
    answer = await library.http.post("/certificates", json=business_licence(type_code=unknown), headers=operator)
    assert (answer.status_code, answer.json()["type_code"]) == (422, unknown)


async def test_numbers_no_json_reader_agrees_on_are_refused(library: ServiceUnderTest, operator: Headers) -> None:
    for scope in ("NaN", "1e999", "1" * 40):
        content = json.dumps(business_licence(elements={"name": "面馆", "scope": "@"})).replace('"@"', scope)
        answer = await library.http.post("/certificates", content=content, headers={**operator, "Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text
