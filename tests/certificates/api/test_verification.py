import base64
from datetime import timedelta
import json

from joserfc import jws
from joserfc.jwk import ECKey, KeySet
import pytest

from services.certificates.app import CONSUMERS, create_app
from services.certificates.settings import CertificatesSettings
from tests.certificates.conftest import Headers, Supply
from tests.certificates.sample import CITIZEN_ID, ISSUER, business_licence, identity_card
from tests.support.service import ServiceUnderTest, running_service


async def signed_text(library: ServiceUnderTest, certificate_id: str, headers: Headers) -> str:
    answer = await library.http.get(f"/certificates/{certificate_id}/jws", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jose")
    return answer.text


async def test_anybody_verifies_by_identifier_and_learns_nothing_personal(library: ServiceUnderTest, supply: Supply) -> None:
    made = await supply(identity_card())
    answer = await library.http.get(f"/verify/{made['identifier'].lower()}")
    assert answer.status_code == 200
    document = answer.json()
    assert (document["is_genuine"], document["status"], document["holder_name_masked"]) == (True, "valid", "张**")
    assert (document["type_name"], document["issuer"], document["valid_until"]) == ("居民身份证", ISSUER, "2040-01-06")
    assert CITIZEN_ID not in answer.text and "小满" not in answer.text


async def test_the_status_is_that_of_the_day_it_is_asked_on(library: ServiceUnderTest, supply: Supply) -> None:
    made = await supply(business_licence(valid_until="2026-09-21"))
    path = f"/verify/{made['identifier']}"
    assert (await library.http.get(path)).json()["status"] == "valid"
    library.clock.advance(timedelta(hours=15))  # past midnight in the city
    assert (await library.http.get(path)).json()["status"] == "expired"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), "check_character"),
        (lambda text: text.replace("1.2.156.3005.2", "1.2.156.3005.3"), "root"),
        (lambda text: text + ".1", "segments"),
        (lambda _: "hello", "root"),
        (lambda text: text.replace("156", "%25%F0%9F%98%80"), "root"),
    ],
)
async def test_a_mistyped_identifier_is_told_from_an_unknown_one(library: ServiceUnderTest, supply: Supply, change, code: str) -> None:  # type: ignore[no-untyped-def]
    made = await supply(business_licence())
    answer = await library.http.get(f"/verify/{change(made['identifier'])}")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("path:identifier", code)


async def test_a_right_identifier_of_elsewhere_is_unknown_here(library: ServiceUnderTest) -> None:
    elsewhere = "1.2.156.3005.2.11100000000013127D001.11511602DEM000014R.X1.001."
    answers = [await library.http.get(f"/verify/{elsewhere}{check}") for check in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert sorted({answer.status_code for answer in answers}) == [404, 422]
    [unknown] = [answer for answer in answers if answer.status_code == 404]
    assert unknown.json()["type"] == "urn:tongban:problem:certificate-identifier-unknown"


async def test_signed_text_is_verified_offline_with_the_published_keys_alone(
    library: ServiceUnderTest, supply: Supply, citizen: Headers
) -> None:
    made = await supply(identity_card())
    keys = KeySet.import_key_set((await library.http.get("/keys")).json())
    opened = jws.deserialize_compact(await signed_text(library, made["id"], citizen), keys, algorithms=["ES256"])
    content = json.loads(opened.payload)
    assert (content["identifier"], content["holder"]["code"]) == (made["identifier"], CITIZEN_ID)
    assert opened.headers()["typ"] == "certificate+jws"


async def test_the_library_says_whether_signed_text_is_its_own(library: ServiceUnderTest, supply: Supply, citizen: Headers) -> None:
    made = await supply(identity_card())
    signed = await signed_text(library, made["id"], citizen)
    header, payload, signature = signed.split(".")

    async def verdict(text: str) -> tuple[bool, str]:
        answer = await library.http.post("/verify", json={"jws": text})
        assert answer.status_code == 200, answer.text
        return answer.json()["is_genuine"], answer.json()["verdict"]

    assert await verdict(signed) == (True, "genuine")
    altered = base64.urlsafe_b64encode(base64.urlsafe_b64decode(payload + "==").replace("张小满".encode(), "张大满".encode())).decode()
    assert await verdict(f"{header}.{altered.rstrip('=')}.{signature}") == (False, "altered")
    stranger = ECKey.generate_key("P-256", {"kid": "forger"})
    forged = jws.serialize_compact({"alg": "ES256", "kid": "forger"}, b"{}", stranger)
    assert await verdict(forged) == (False, "unknown_key")

    today = (await library.http.post("/verify", json={"jws": signed})).json()["certificate"]
    assert (today["identifier"], today["status"]) == (made["identifier"], "valid")


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.e30", "eyJhbGciOiJub25lIn0.e30.", "证照", "." * 2000])
async def test_what_is_no_signed_text_is_said_to_be_none(library: ServiceUnderTest, text: str) -> None:
    answer = await library.http.post("/verify", json={"jws": text})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tongban:problem:signed-certificate-unreadable")


async def test_a_text_signed_with_another_algorithm_under_our_key_id_is_not_genuine(library: ServiceUnderTest) -> None:
    [key] = (await library.http.get("/keys")).json()["keys"]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": key["kid"]}).encode()).decode().rstrip("=")
    answer = await library.http.post("/verify", json={"jws": f"{header}.e30."})
    assert answer.status_code == 400


async def test_only_public_halves_of_the_keys_are_published(library: ServiceUnderTest) -> None:
    [key] = (await library.http.get("/keys")).json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_after_a_restart_the_library_signs_with_the_same_key(library: ServiceUnderTest) -> None:
    settings = library.runtime.settings
    async with running_service(
        create_app,
        CertificatesSettings,
        database_url=settings.database_url,
        consumers=CONSUMERS,
        master_key=settings.master_key.get_secret_value(),
    ) as restarted:
        assert (await restarted.http.get("/keys")).json() == (await library.http.get("/keys")).json()
