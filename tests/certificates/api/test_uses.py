from typing import Any
from uuid import uuid4

import pytest

from tests.certificates.conftest import Headers, Supply
from tests.certificates.sample import BUSINESS_LICENCE, CITIZEN_ID, FOOD_PERMIT, IDENTITY_CARD, business_licence, identity_card
from tests.support.service import ServiceUnderTest


def use(*type_codes: str, **changes: Any) -> dict[str, Any]:
    return {
        "purpose": "申请材料",
        "item_code": "000131024000",
        "item_name": "食品经营许可",
        "application_id": str(uuid4()),
        "type_codes": list(type_codes),
        **changes,
    }


async def test_who_acts_for_an_organisation_shows_its_certificates_and_their_own(
    library: ServiceUnderTest, supply: Supply, noodle_shop: Headers, citizen: Headers
) -> None:
    licence, card = await supply(business_licence()), await supply(identity_card())
    answer = await library.http.post("/uses", json=use(BUSINESS_LICENCE, IDENTITY_CARD, FOOD_PERMIT), headers=noodle_shop)
    assert answer.status_code == 201
    matches = {match["type_code"]: match for match in answer.json()["matches"]}
    assert set(matches) == {BUSINESS_LICENCE, IDENTITY_CARD}
    assert matches[BUSINESS_LICENCE]["certificate_id"] == licence["id"]
    assert (matches[IDENTITY_CARD]["certificate_id"], matches[IDENTITY_CARD]["number"]) == (card["id"], "5116**********001X")
    assert matches[IDENTITY_CARD]["elements"]["birth_date"] == "1985-05-20"
    assert {match["grade"] for match in matches.values()} == {"A"}

    [seen_by_shop] = (await library.http.get("/wallet/uses", headers=noodle_shop)).json()["data"]
    [seen_by_citizen] = (await library.http.get("/wallet/uses", headers=citizen)).json()["data"]
    assert seen_by_shop["id"] == matches[BUSINESS_LICENCE]["use_id"]
    assert (seen_by_citizen["item_name"], seen_by_citizen["user_name"]) == ("食品经营许可", "张小满")


async def test_a_person_alone_does_not_show_the_organisations_certificates(
    library: ServiceUnderTest, supply: Supply, citizen: Headers
) -> None:
    await supply(business_licence())
    assert (await library.http.post("/uses", json=use(BUSINESS_LICENCE), headers=citizen)).json() == {"matches": []}


async def test_of_several_the_latest_that_is_valid_today_is_used(library: ServiceUnderTest, supply: Supply, citizen: Headers) -> None:
    await supply(identity_card(version=1, valid_until="2026-09-20"))
    good = await supply(identity_card(version=2, valid_until="2026-09-21"))
    await supply(identity_card(version=3, valid_from="2026-09-22", valid_until=None))
    [match] = (await library.http.post("/uses", json=use(IDENTITY_CARD), headers=citizen)).json()["matches"]
    assert match["certificate_id"] == good["id"]


async def test_a_repeated_use_is_recorded_once(library: ServiceUnderTest, supply: Supply, citizen: Headers) -> None:
    await supply(identity_card())
    body, headers = use(IDENTITY_CARD), {**citizen, "Idempotency-Key": "draft-00001"}
    answers = [(await library.http.post("/uses", json=body, headers=headers)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len((await library.http.get("/wallet/uses", headers=citizen)).json()["data"]) == 1


@pytest.mark.parametrize(
    "changes",
    [{"type_codes": []}, {"type_codes": ["x"]}, {"purpose": ""}, {"application_id": "1"}, {"item_code": None}, {"type_codes": "abc"}],
)
async def test_a_use_without_its_facts_is_refused(library: ServiceUnderTest, citizen: Headers, changes: dict[str, Any]) -> None:
    answer = await library.http.post("/uses", json=use(IDENTITY_CARD, **changes), headers=citizen)
    assert answer.status_code == 422 and answer.json()["errors"]


async def test_nobody_uses_certificates_in_anothers_name(library: ServiceUnderTest, operator: Headers) -> None:
    assert (await library.http.post("/uses", json=use(IDENTITY_CARD), headers=operator)).status_code == 403
    assert (await library.http.post("/uses", json=use(IDENTITY_CARD), headers=library.as_("person", "certificates.own"))).status_code == 403


async def test_who_acts_for_a_person_shows_that_persons_certificates_never_their_own(library: ServiceUnderTest, supply: Supply) -> None:
    await supply(identity_card())
    agents_index = library.runtime.keys.blind_index("citizen-id", CITIZEN_ID)
    act = {"sub": str(uuid4()), "name": "张小满", "holder_index": agents_index}
    agent = library.as_("person", "certificates.use", holder_index="p" * 64, act=act)
    assert (await library.http.post("/uses", json=use(IDENTITY_CARD), headers=agent)).json()["matches"] == []


async def test_a_token_limited_to_an_item_uses_nothing_for_another(library: ServiceUnderTest, supply: Supply) -> None:
    await supply(identity_card())
    index = library.runtime.keys.blind_index("citizen-id", CITIZEN_ID)
    for items, count in ((["000131024000"], 1), (["other"], 0)):
        agent = library.as_("person", "certificates.use", holder_index=index, act={"sub": str(uuid4()), "name": "李"}, items=items)
        assert len((await library.http.post("/uses", json=use(IDENTITY_CARD), headers=agent)).json()["matches"]) == count
