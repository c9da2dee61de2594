"""What a thief can do with a signing client's token and requests (RFC 9421): nothing. Each test is named after the attack."""

from collections.abc import AsyncIterator, Callable
import time
from typing import Any

import aiohttp
from http_message_signatures import algorithms
import httpx
from joserfc.jwk import ECKey, OKPKey
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from tests.gateway.conftest import Entrance, open_entrance
from tests.gateway.signing import MASTER_KEY, SigningClient
from tests.support.signing import COVERED, digest_of, refused
from tests.support.tokens import Issuer
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

Thief = Callable[[httpx.Request], Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["in-process", "network"])
async def _running(request: pytest.FixtureRequest) -> AsyncIterator[Entrance]:
    async with open_entrance(request.param, master_key=MASTER_KEY) as opened:
        yield opened


@pytest.fixture
def bank(_running: Entrance) -> SigningClient:
    _running.toy.forget()
    return SigningClient(_running)


def _nothing_passed(bank: SigningClient) -> bool:
    return bank.entrance.toy.seen == []


@pytest.mark.parametrize("path", ["/api/toy/v1/x", "/api/toy/v1/x?a=1&b=%E9%80%9A"])
async def test_what_the_client_signed_passes_and_the_gateway_vouches_for_it(bank: SigningClient, path: str) -> None:
    answer = await bank.send(bank.signed(path=path))
    assert answer.status_code == 200, answer.text
    (seen,) = bank.entrance.toy.seen
    assert len(seen.values("x-passed-on-by")) == 1 and seen.values("authorization")[0].startswith("Bearer ")


async def test_parts_of_the_address_cover_it_as_well_as_the_whole(bank: SigningClient) -> None:
    parts = ("@method", "@authority", "@path", "@query", "authorization")
    assert (await bank.send(bank.signed(path="/api/toy/v1/x?a=1", covered=parts))).status_code == 200


async def test_an_ed25519_key_signs_as_well(bank: SigningClient) -> None:
    edwards = OKPKey.generate_key("Ed25519", {"kid": "ed"})
    client = SigningClient(bank.entrance, key=edwards)
    assert (await client.send(client.signed("POST", body=b"x"))).status_code == 200


@pytest.mark.parametrize("size", [1, 65_536, 400_000])
async def test_a_signed_body_passes_whole(bank: SigningClient, size: int) -> None:
    assert (await bank.send(bank.signed("POST", body=b"b" * size))).status_code == 200
    assert len(bank.entrance.toy.seen[0].body) == size


async def test_attack_a_stolen_token_without_a_signature(bank: SigningClient) -> None:
    answer = await bank.entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {bank.token()}"})
    assert "one signature" in refused(answer) and _nothing_passed(bank)


@pytest.mark.parametrize("size", [10, 65_536, 400_000])
async def test_attack_body_changed(bank: SigningClient, size: int) -> None:
    good = bank.signed("POST", body=b"b" * size)
    changed = httpx.Request("POST", good.url, headers=good.headers, content=b"b" * (size - 1) + b"X")
    answer = await bank.send(changed)
    assert "body" in refused(answer) and _nothing_passed(bank)


async def test_attack_body_changed_together_with_its_digest(bank: SigningClient) -> None:
    good = bank.signed("POST", body=b"pay 1")
    headers = {**good.headers, "content-digest": digest_of(b"pay 9")}
    refused(await bank.send(httpx.Request("POST", good.url, headers=headers, content=b"pay 9")))
    assert _nothing_passed(bank)


async def test_attack_body_removed(bank: SigningClient) -> None:
    good = bank.signed("DELETE", body=b"only this one")
    headers = {name: value for name, value in good.headers.items() if name != "content-length"}
    assert "missing" in refused(await bank.send(httpx.Request("DELETE", good.url, headers=headers)))
    assert _nothing_passed(bank)


@pytest.mark.parametrize("claimed", [b"", b"added"])
async def test_attack_body_added(bank: SigningClient, claimed: bytes) -> None:
    good = bank.signed("POST")
    added = {"content-digest": digest_of(claimed)} if claimed else {}
    headers = {name: value for name, value in good.headers.items() if name != "content-length"}
    refused(await bank.send(httpx.Request("POST", good.url, headers={**headers, **added}, content=b"added")))
    assert _nothing_passed(bank)


async def test_attack_header_changed(bank: SigningClient) -> None:
    good = bank.signed(headers={"if-match": '"7"'}, covered=(*COVERED, "if-match"))
    good.headers["if-match"] = '"8"'
    refused(await bank.send(good))
    assert _nothing_passed(bank)


async def test_attack_a_second_line_of_a_signed_header(bank: SigningClient) -> None:
    good = bank.signed(headers={"if-match": '"7"'}, covered=(*COVERED, "if-match"))
    lines = [*good.headers.raw, (b"If-Match", b'"8"')]
    refused(await bank.send(httpx.Request("GET", good.url, headers=lines)))
    assert _nothing_passed(bank)


@pytest.mark.parametrize("path", ["/api/toy/v1/y", "/api/toy/v1/x?all=1", "/api/toy/v1/x/", "/api/identity/v1/x"])
async def test_attack_path_changed(bank: SigningClient, path: str) -> None:
    good = bank.signed()
    refused(await bank.send(httpx.Request("GET", good.url.join(path), headers=good.headers)))
    assert _nothing_passed(bank)


async def test_attack_method_changed(bank: SigningClient) -> None:
    good = bank.signed()
    refused(await bank.send(httpx.Request("DELETE", good.url, headers=good.headers)))
    assert _nothing_passed(bank)


async def test_attack_replayed(bank: SigningClient) -> None:
    good = bank.signed()
    assert (await bank.send(good)).status_code == 200
    assert "used before" in refused(await bank.send(good))
    assert len(bank.entrance.toy.seen) == 1


async def test_attack_a_forgery_does_not_use_up_the_nonce_of_the_real_one(bank: SigningClient) -> None:
    good = bank.signed()
    refused(await bank.send(httpx.Request("GET", good.url.join("/api/toy/v1/y"), headers=good.headers)))
    assert (await bank.send(good)).status_code == 200


@pytest.mark.parametrize("seconds", [-61, 61, -86_400])
async def test_attack_old_or_made_ahead(bank: SigningClient, seconds: int) -> None:
    assert "created" in refused(await bank.send(bank.signed(at=time.time() + seconds)))
    assert _nothing_passed(bank)


async def test_attack_past_its_own_end(bank: SigningClient) -> None:
    assert "expired" in refused(await bank.send(bank.signed(at=time.time() - 30, expires=time.time() - 10)))


async def test_attack_signed_with_another_clients_key(bank: SigningClient) -> None:
    """Whether it goes by its own name, or by the name of a key of the client's."""
    other = SigningClient(bank.entrance, key=ECKey.generate_key("P-256", {"kid": "k2"}))
    assert "none of this client's" in refused(await bank.send(other.signed(token=bank.token())))
    refused(await bank.send(other.signed(token=bank.token(), kid="k1")))
    assert _nothing_passed(bank)


async def test_attack_a_signature_moved_to_another_token(bank: SigningClient) -> None:
    """The thief's own token of the same client would do more than the one that was signed for."""
    good = bank.signed()
    good.headers["authorization"] = f"Bearer {bank.token(scope='more')}"
    refused(await bank.send(good))
    assert _nothing_passed(bank)


async def test_attack_algorithm_confusion(bank: SigningClient) -> None:
    """The public key as an HMAC secret; an algorithm named that is not the key's; a key of another kind under the name."""
    secret = bank.key.as_pem(private=False)

    class _Secret:
        kid = "k1"
        private_key = secret

    forged: Any = _Secret()
    refused(await bank.send(bank.signed(key=forged, alg=algorithms.HMAC_SHA256)))
    good = bank.signed()
    good.headers["signature-input"] = good.headers["signature-input"].replace("ecdsa-p256-sha256", "hmac-sha256")
    refused(await bank.send(good))
    refused(await bank.send(bank.signed(key=OKPKey.generate_key("Ed25519", {"kid": "k1"}))))
    assert _nothing_passed(bank)


@pytest.mark.parametrize("left_out", ["@method", "@target-uri", "authorization"])
async def test_attack_a_signature_over_too_little(bank: SigningClient, left_out: str) -> None:
    covered = [one for one in COVERED if one != left_out]
    assert "too little" in refused(await bank.send(bank.signed(covered=covered)))
    assert _nothing_passed(bank)


async def test_attack_a_signature_that_leaves_the_body_out(bank: SigningClient) -> None:
    request = bank.signed("POST")
    headers = {name: value for name, value in request.headers.items() if name != "content-length"} | {"content-digest": digest_of(b"x")}
    assert "too little" in refused(await bank.send(httpx.Request("POST", request.url, headers=headers, content=b"x")))


@pytest.mark.parametrize("nonce", [None, "n" * 201], ids=["none", "too long"])
async def test_a_signature_without_a_nonce_that_can_be_remembered_is_refused(bank: SigningClient, nonce: str | None) -> None:
    assert "nonce" in refused(await bank.send(bank.signed(nonce=nonce)))


@pytest.mark.parametrize(
    "given",
    [
        {"signature": "rubbish"},
        {"signature": "sig=:AAAA:"},
        {"signature-input": 'sig=("@method");keyid="k1"'},
        {"signature-input": 'sig=("@method' + '" "@method' * 200 + '");keyid="k1";created=1;nonce="n"'},
        {"signature-input": 'sig=();keyid="k1";created=99999999999999;nonce="n"'},
        {"signature-input": 'sig=("@status");keyid="k1";created=1;nonce="n"'},
        {"signature-input": 'a=("@method");keyid="k1", b=("@method");keyid="k1"'},
        {"signature-input": "\xff\xfe"},
        {"content-digest": "sha-512=:AAAA:"},
        {"content-digest": "nonsense"},
    ],
)
async def test_what_is_no_signature_is_refused_and_never_a_defect(bank: SigningClient, given: dict[str, str]) -> None:
    request = bank.signed("POST", body=b"x")
    lines = [(name, value) for name, value in request.headers.raw if name.decode().lower() not in given]
    lines += [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    refused(await bank.send(httpx.Request("POST", request.url, headers=lines, content=b"x")))


async def test_attack_a_client_vouches_for_itself(bank: SigningClient) -> None:
    """Only what the gateway says itself reaches a service."""
    mine = {"X-Passed-On-By": "me", "X-Tongban-Certificate": "trusted AAAA"}
    plain = bank.entrance.issuer.token("person")
    await bank.entrance.http.get("/api/toy/v1/x", headers={"Authorization": f"Bearer {plain}", **mine})
    (seen,) = bank.entrance.toy.seen
    assert not seen.names & {"x-passed-on-by", "x-tongban-certificate"}


async def test_attack_made_up_key_ids_do_not_make_us_hammer_identity(bank: SigningClient) -> None:
    client = SigningClient(bank.entrance)
    for number in range(5):
        refused(await client.send(client.signed(kid=f"made-up-{number}")))
    assert client.looked_up == ["made-up-0"]


async def test_attack_a_socket_opened_with_a_stolen_token(bank: SigningClient) -> None:
    """A handshake is a request like any other, and good once: this service turns down (403) what gets so far."""

    async def turn_down(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1000})

    bank.entrance.toy.on("/api/toy/v1/socket", turn_down)
    good = bank.signed(path="/api/toy/v1/socket")
    headers = {name: value for name, value in good.headers.items() if name in ("authorization", "signature", "signature-input")}
    async with aiohttp.ClientSession() as session:
        for sent, status in (({"authorization": headers["authorization"]}, 401), (headers, 403), (headers, 401)):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await session.ws_connect(f"http://127.0.0.1:{bank.entrance.port}/api/toy/v1/socket", headers=sent)
            assert refusal.value.status == status


async def test_when_the_issuers_key_is_withdrawn_the_gateway_vouches_with_a_new_token(bank: SigningClient) -> None:
    issuer = bank.entrance.issuer
    assert (await bank.send(bank.signed())).status_code == 200
    issuer.key = Issuer().key
    own = {"access_token": issuer.token("service", client_id="svc-gateway"), "expires_in": 900}
    bank.entrance.peers.on("POST", "identity", "/token", own)

    async def is_served() -> bool:
        return (await bank.send(bank.signed())).status_code == 200

    await until(is_served)
    assert bank.entrance.toy.seen[-1].values("x-passed-on-by") == [own["access_token"]]
