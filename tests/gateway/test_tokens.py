"""The token check at the entrance: what is not a token of ours goes no further."""

import base64

import pytest

from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import replying
from tests.support.tokens import Issuer

BASIC = "Basic " + base64.b64encode(b"client:secret").decode()

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_without_a_token_the_service_decides(entrance: Entrance) -> None:
    assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200
    assert "authorization" not in entrance.toy.seen[0].names


async def test_a_good_token_passes_unchanged(entrance: Entrance) -> None:
    header = f"Bearer {entrance.issuer.token('person', 'toy.make')}"

    assert (await entrance.http.get("/api/toy/v1/x", headers={"Authorization": header})).status_code == 200
    assert entrance.toy.seen[0].values("authorization") == [header]


async def test_an_expired_token_is_refused(entrance: Entrance) -> None:
    await _refused(entrance, entrance.issuer.token("person", seconds=-60), "token-refused")


async def test_a_token_of_a_foreign_issuer_is_refused(entrance: Entrance) -> None:
    await _refused(entrance, entrance.issuer.token("person", iss="https://elsewhere.example"), "token-refused")


async def test_a_token_for_another_audience_is_refused(entrance: Entrance) -> None:
    await _refused(entrance, entrance.issuer.token("person", aud="elsewhere"), "token-refused")


async def test_a_token_signed_with_a_foreign_key_is_refused(entrance: Entrance) -> None:
    forger = Issuer()
    forged = forger.sign({"iss": "http://127.0.0.1:8000", "aud": "tongban"}, header={"kid": entrance.issuer.key.kid})

    await _refused(entrance, forged, "token-refused")
    await _refused(entrance, forger.token("person"), "token-refused")


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "a" * 9_000, "é"])
async def test_what_is_no_token_is_refused(entrance: Entrance, token: str) -> None:
    await _refused(entrance, token, "token-refused")


@pytest.mark.parametrize("header", ["Bearer", "Digest x", "token", "", "Negotiate abc"])
async def test_another_way_to_authorize_is_refused(entrance: Entrance, header: str) -> None:
    answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert entrance.toy.seen == []


async def test_two_authorization_headers_are_refused(entrance: Entrance) -> None:
    good = f"Bearer {entrance.issuer.token('person')}"

    answer = await entrance.http.get("/api/toy/v1/x", headers=[("Authorization", good), ("authorization", good)])

    assert answer.status_code == 401
    assert entrance.toy.seen == []


async def test_basic_passes_to_the_token_endpoint(entrance: Entrance) -> None:
    answer = await entrance.http.post("/api/identity/v1/token", data={"grant_type": "client_credentials"}, headers={"Authorization": BASIC})

    assert answer.status_code == 200
    assert entrance.identity.seen[0].values("authorization") == [BASIC]


@pytest.mark.parametrize(
    "path", ["/api/toy/v1/x", "/api/toy/v1/token", "/api/identity/v1/me", "/api/identity/v1/token/x", "/api/identity/v1/%74oken"]
)
async def test_basic_passes_nowhere_else(entrance: Entrance, path: str) -> None:
    answer = await entrance.http.post(path, headers={"Authorization": BASIC})

    assert answer.status_code == 401
    assert entrance.toy.seen == entrance.identity.seen == []


async def test_with_the_issuer_away_a_token_waits_and_a_public_page_does_not(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        entrance.peers.take_down("identity")

        answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {entrance.issuer.token('person')}"})

        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200


async def test_a_known_key_outlives_the_issuer(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        first, second = (entrance.issuer.token("person") for _ in range(2))
        await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {first}"})
        entrance.peers.take_down("identity")

        answer = await entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {second}"})

        assert answer.status_code == 200


async def test_a_refusal_of_the_service_is_passed_on(entrance: Entrance) -> None:
    entrance.toy.on("/api/toy/v1/x", replying(401, b"{}", ("www-authenticate", 'Bearer error="insufficient"')))

    answer = await entrance.http.get("/api/toy/v1/x")

    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient"'


async def _refused(entrance: Entrance, token: str, slug: str) -> None:
    answer = await entrance.http.get("/api/toy/v1/x", headers=[(b"Authorization", b"Bearer " + token.encode())])
    assert answer.status_code == 401
    assert answer.json()["type"] == f"urn:tongban:problem:{slug}"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert token not in answer.text or len(token) < 8
    assert entrance.toy.seen == []
