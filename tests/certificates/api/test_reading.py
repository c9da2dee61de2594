from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.certificates.conftest import Headers, Supply
from tests.certificates.sample import CITIZEN_ID, ISSUER, OTHER_DEPARTMENT, business_licence, identity_card
from tests.support.service import ServiceUnderTest


async def test_a_holder_reads_their_certificate_in_full_and_leaves_no_use_behind(
    library: ServiceUnderTest, supply: Supply, citizen: Headers
) -> None:
    made = await supply(identity_card())
    answer = await library.http.get(f"/certificates/{made['id']}", headers=citizen)
    assert answer.status_code == 200
    document = answer.json()
    assert (document["number"], document["number_full"], document["holder_code"]) == ("5116**********001X", CITIZEN_ID, CITIZEN_ID)
    assert (document["status"], document["elements"]["birth_date"]) == ("valid", "1985-05-20")
    assert (await library.http.get("/wallet/uses", headers=citizen)).json()["data"] == []


@pytest.mark.parametrize("form", ["", "/pdf", "/jws"])
async def test_for_anybody_else_it_does_not_exist(library: ServiceUnderTest, supply: Supply, stranger: Headers, form: str) -> None:
    made = await supply(identity_card())
    path = f"/certificates/{made['id']}{form}"
    elsewhere = library.as_("system", "certificates.supply", department=OTHER_DEPARTMENT)
    for headers in (stranger, elsewhere, library.as_("system", "certificates.supply"), library.as_("person", "certificates.own")):
        assert (await library.http.get(path, params={"purpose": "核验"}, headers=headers)).status_code == 404
    assert (await library.http.get(path)).status_code == 401
    assert (await library.http.get(f"/certificates/{uuid4()}{form}", headers=stranger)).status_code == 404
    assert (await library.http.get(path, headers=library.as_("staff", "certificates.own"))).status_code == 403
    assert (await library.http.get(path, headers=library.as_("system", "certificates.own"))).status_code == 403


async def test_the_issuing_department_reads_with_a_purpose_that_the_holder_sees(
    library: ServiceUnderTest, supply: Supply, citizen: Headers
) -> None:
    made = await supply(identity_card())
    department = library.as_("system", "certificates.supply", department=ISSUER["code"], name="登记系统")
    path = f"/certificates/{made['id']}"
    refused = await library.http.get(path, headers=department)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:purpose-missing")
    assert (await library.http.get(path, params={"purpose": "证后核查"}, headers=department)).status_code == 200
    [use] = (await library.http.get("/wallet/uses", headers=citizen)).json()["data"]
    assert (use["purpose"], use["user_name"], use["user_kind"], use["type_name"]) == ("证后核查", "登记系统", "system", "居民身份证")
    async with library.runtime.db.read() as tx:
        [read] = await tx.all(text("SELECT subject, purpose, fields FROM personal_data_reads"))
    assert read["purpose"] == "证后核查" and CITIZEN_ID not in read["subject"]


async def test_a_service_reads_only_what_was_put_to_use(library: ServiceUnderTest, supply: Supply, noodle_shop: Headers) -> None:
    made = await supply(business_licence())
    service = library.as_("service", "certificates.supply", client_id="svc-intake")
    path = f"/certificates/{made['id']}"
    assert (await library.http.get(path, params={"purpose": "受理"}, headers=service)).status_code == 404
    use = {
        "purpose": "申请材料",
        "item_code": "1",
        "item_name": "食品经营许可",
        "application_id": str(uuid4()),
        "type_codes": [business_licence()["type_code"]],
    }
    assert (await library.http.post("/uses", json=use, headers=noodle_shop)).status_code == 201
    assert (await library.http.get(path, params={"purpose": "受理"}, headers=service)).status_code == 200


async def test_the_page_is_a_pdf_that_is_the_same_every_time(library: ServiceUnderTest, supply: Supply, noodle_shop: Headers) -> None:
    made = await supply(business_licence())
    path = f"/certificates/{made['id']}/pdf"
    first = await library.http.get(path, headers=noodle_shop)
    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.headers["content-disposition"].startswith("inline; filename*=UTF-8''%E8%90%A5")
    assert (
        first.content.startswith(b"%PDF-1.7")
        and b"<pdfaid:part>3" in first.content
        and b"certificate.jws" in first.content
        and b"NotoSansCJK" in first.content
    )
    assert (await library.http.get(path, headers=noodle_shop)).content == first.content
    assert 10_000 < BytesIO(first.content).getbuffer().nbytes < 300_000


async def test_the_wallet_lists_the_latest_first_in_pages(
    library: ServiceUnderTest, supply: Supply, citizen: Headers, stranger: Headers
) -> None:
    made = [(await supply(identity_card(version=version)))["id"] for version in (1, 2, 3)]
    first = (await library.http.get("/wallet", params={"limit": 2}, headers=citizen)).json()
    second = (await library.http.get("/wallet", params={"limit": 2, "cursor": first["next_cursor"]}, headers=citizen)).json()
    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1] and second["next_cursor"] is None
    assert (await library.http.get("/wallet", headers=stranger)).json()["data"] == []
    wrong = await library.http.get("/wallet/uses", params={"cursor": first["next_cursor"]}, headers=citizen)
    assert wrong.status_code == 400


async def test_a_token_without_a_holder_has_an_empty_wallet(library: ServiceUnderTest, supply: Supply) -> None:
    await supply(identity_card())
    nobody = library.as_("person", "certificates.own")
    assert (await library.http.get("/wallet", headers=nobody)).json() == {"data": [], "next_cursor": None}


@pytest.mark.parametrize("odd", ["\U0010ffff", "\ue000", "\x07", "😀", "عربي", "\u202e", "#panic() $x$ \\ *b* @a <b>", "长" * 3900])
async def test_no_text_however_odd_keeps_a_certificate_from_being_printed(
    library: ServiceUnderTest, supply: Supply, noodle_shop: Headers, odd: str
) -> None:
    made = await supply(business_licence(elements={"name": "春分面馆", "scope": odd}))
    answer = await library.http.get(f"/certificates/{made['id']}/pdf", headers=noodle_shop)
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
