"""Clients that prove themselves with a key: private_key_jwt, keys by upload or URL, rotation without downtime, and the attacks on it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
import hashlib
import hmac
from typing import Any

import httpx
from joserfc.jwk import ECKey, OctKey, RSAKey
import orjson
import pytest

from services.identity.commands.forget_expired import forget_expired
from tests.identity.api.test_tokens import assert_refused
from tests.identity.client_keys import ASSERTION, SystemWithKey, new_key, public_set
from tests.identity.provider import CALLBACK, WANG, Provider
from tests.identity.relying_party import free_port
from tests.support.tokens import ISSUER

TOKEN_ENDPOINT = f"{ISSUER}/api/identity/v1/token"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})


@pytest.fixture
async def system(provider: Provider) -> SystemWithKey:
    system = SystemWithKey(provider)
    assert "secret" not in (await system.register()).json()
    return system


@pytest.mark.parametrize("audience", [ISSUER, TOKEN_ENDPOINT, [TOKEN_ENDPOINT]])
async def test_a_system_gets_its_token_by_an_assertion(system: SystemWithKey, audience: Any) -> None:
    answer = await system.token(system.assertion(aud=audience))
    assert answer.json()["scope"] == "exchange.subscribe", answer.text


async def test_a_standard_client_library_authenticates_by_its_key(system: SystemWithKey) -> None:
    from authlib.oauth2.rfc7523 import private_key_jwt_sign

    system.provider.service.clock.set(_now())
    signed = private_key_jwt_sign(system.key, client_id="sys-market", token_endpoint=TOKEN_ENDPOINT, alg="ES256", expires_at=_stamp() + 60)
    assert (await system.token(signed)).status_code == 200


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _stamp() -> int:
    return int(_now().timestamp())


async def test_an_rsa_key_signs_with_ps256(provider: Provider) -> None:
    system = SystemWithKey(provider)
    await system.register(jwks=public_set(RSA))
    assert (await system.token(system.assertion(key=RSA))).status_code == 200
    assert_refused(await system.token(system.assertion(key=RSA, header={"alg": "RS256"})), "invalid_client", 401)


async def test_keys_change_without_a_moment_in_which_none_is_good(system: SystemWithKey) -> None:
    old, new = system.key, new_key()
    await system.register(jwks=public_set(old, new))
    assert (await system.token(system.assertion(key=old))).status_code == 200
    assert (await system.token(system.assertion(key=new))).status_code == 200
    assert (await system.token(system.assertion(key=new, header={"kid": None}))).status_code == 200
    await system.register(jwks=public_set(new))
    assert_refused(await system.token(system.assertion(key=old)), "invalid_client", 401)
    assert (await system.token(system.assertion(key=new))).status_code == 200


async def test_attack_an_assertion_replayed_is_refused_also_when_many_come_at_once(system: SystemWithKey) -> None:
    assertion = system.assertion()
    answers = await asyncio.gather(*(system.token(assertion) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    system.provider.service.clock.advance(timedelta(seconds=59))
    assert_refused(await system.token(assertion), "invalid_client", 401)
    system.provider.service.clock.advance(timedelta(seconds=60))
    async with system.provider.service.runtime.db.write() as tx:
        assert await forget_expired(tx) == 1
    assert_refused(await system.token(assertion), "invalid_client", 401)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "hall"},
        {"sub": "hall"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": {"a": 1}},
        {"aud": ISSUER + "/"},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 201},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": 1_000},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
)
async def test_attack_an_assertion_that_says_something_else_is_refused(system: SystemWithKey, change: dict[str, Any]) -> None:
    assert_refused(await system.token(system.assertion(**change)), "invalid_client", 401)


async def test_attack_an_assertion_good_for_long_is_refused(system: SystemWithKey) -> None:
    now = int(system.provider.service.clock.now().timestamp())
    assert_refused(await system.token(system.assertion(exp=now + 3600)), "invalid_client", 401)


def _compact(header: dict[str, Any], claims: bytes, key: bytes | None) -> str:
    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).decode().rstrip("=")

    head = f"{encoded(orjson.dumps(header))}.{encoded(claims)}"
    return f"{head}.{encoded(hmac.new(key, head.encode(), hashlib.sha256).digest()) if key else ''}"


async def test_attack_algorithm_confusion_with_the_clients_public_key_is_refused(system: SystemWithKey) -> None:
    payload = system.assertion().split(".")[1]
    claims = base64.urlsafe_b64decode(payload + "==")
    forged = [
        _compact({"alg": "none", "kid": system.key.kid}, claims, None),
        _compact({"alg": "HS256", "kid": system.key.kid}, claims, system.key.as_pem(private=False)),
        _compact({"alg": "PS256", "kid": system.key.kid}, claims, b"x"),
    ]
    for assertion in forged:
        assert_refused(await system.token(assertion), "invalid_client", 401)


async def test_attack_a_foreign_key_with_the_right_id_is_refused(system: SystemWithKey) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": str(system.key.kid)})
    assert_refused(await system.token(system.assertion(key=stranger)), "invalid_client", 401)
    embedded = {"jwk": stranger.as_dict(private=False)}
    assert_refused(await system.token(system.assertion(key=stranger, header=embedded)), "invalid_client", 401)


async def test_attack_a_client_cannot_borrow_anothers_assertion(system: SystemWithKey) -> None:
    assert_refused(await system.token(system.assertion(), client_id="hall"), "invalid_client", 401)
    other = SystemWithKey(system.provider, client_id="sys-tax")
    await other.register()
    assert_refused(await other.token(other.assertion(key=system.key)), "invalid_client", 401)


async def test_a_client_with_keys_has_no_secret_and_one_with_a_secret_no_keys(system: SystemWithKey) -> None:
    provider = system.provider
    assert_refused(await provider.token(("sys-market", ""), grant_type="client_credentials"), "invalid_client", 401)
    assert_refused(await provider.token(grant_type="client_credentials", client_id="sys-market"), "invalid_client", 401)
    made = (await system.register(jwks=None)).json()["secret"]
    assert_refused(await system.token(), "invalid_client", 401)
    assert (await provider.token(("sys-market", made), grant_type="client_credentials")).status_code == 200
    await system.register()
    assert_refused(await provider.token(("sys-market", made), grant_type="client_credentials"), "invalid_client", 401)


async def test_two_proofs_at_once_and_strange_proofs_are_refused(system: SystemWithKey) -> None:
    both = await system.token(None, client_id="sys-market", client_secret="s" * 43)
    assert_refused(both, "invalid_request")
    for form in (
        {"client_assertion": "x"},
        {"client_assertion_type": ASSERTION},
        {"client_assertion_type": ASSERTION, "client_assertion": "é.e.e"},
    ):
        answer = await system.provider.token(grant_type="client_credentials", **form)
        assert_refused(answer, "invalid_client", 401)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"jwks": {}}, "/jwks"),
        ({"jwks": {"keys": []}}, "/jwks"),
        ({"jwks": {"keys": [1]}}, "/jwks"),
        ({"jwks": {"keys": [new_key().as_dict(private=True)]}}, "/jwks"),
        ({"jwks": {"keys": [OctKey.generate_key(256).as_dict(private=True)]}}, "/jwks"),
        ({"jwks": public_set(ECKey.generate_key("P-384"))}, "/jwks"),
        ({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}}, "/jwks"),
        ({"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}}, "/jwks"),
        ({"jwks": public_set(new_key()), "jwks_uri": "https://a.cn/k"}, "/jwks"),
        ({"jwks": public_set(new_key()), "secret": "s" * 43}, "/jwks"),
        ({"jwks": public_set(new_key()), "kind": "public", "redirect_uris": [CALLBACK], "department": None}, "/jwks"),
        ({"jwks_uri": "http://market.example.cn/keys"}, "/jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "/jwks_uri"),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_keys_that_cannot_be_used_are_refused_when_they_are_registered(
    provider: Provider, change: dict[str, Any], pointer: str
) -> None:
    await provider.put_department()
    body = {"name": "x", "kind": "confidential", "department": None, "redirect_uris": [CALLBACK], "scopes": [], **change}
    answer = await provider.http.put("/clients/sys-x", json=body, headers=provider.admin)
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


class Publisher:
    """A department's own address for its keys."""

    def __init__(self) -> None:
        self.port = free_port()
        self.body: bytes = b""
        self.status = 200
        self.asked = 0
        self._server: asyncio.Server | None = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/keys"

    def publish(self, *keys: ECKey) -> None:
        self.body = orjson.dumps(public_set(*keys))

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.body)}\r\nLocation: /keys\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    await publisher.start()
    yield publisher
    await publisher.stop()


async def test_keys_at_an_address_change_by_themselves_and_outlive_its_outage(
    provider: Provider, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.clients.key_sets.REFRESH_SECONDS", -1.0)
    system, new = SystemWithKey(provider), new_key()
    publisher.publish(system.key)
    await system.register(jwks=None, jwks_uri=publisher.uri)
    for _ in range(3):
        assert (await system.token()).status_code == 200
    assert publisher.asked == 1
    publisher.publish(system.key, new)
    assert (await system.token(system.assertion(key=new))).status_code == 200
    assert publisher.asked == 2
    await publisher.stop()
    assert (await system.token(system.assertion(key=new))).status_code == 200
    assert_refused(await system.token(system.assertion(key=new_key())), "invalid_client", 401)
    assert (await system.token(system.assertion(key=system.key))).status_code == 200


async def test_the_keys_a_signing_client_publishes_are_told_as_they_are_now(
    provider: Provider, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.clients.key_sets.REFRESH_SECONDS", -1.0)
    system, new = SystemWithKey(provider), new_key()
    publisher.publish(system.key)
    await system.register(jwks=None, jwks_uri=publisher.uri, signs_requests=True)
    path, reader = f"/clients/{system.client_id}/request-keys", provider.service.as_("service", "identity.read.client-keys")
    for kid in (system.key.kid, new.kid):
        told = (await provider.http.get(path, params={"kid": kid}, headers=reader)).json()
        assert [key["kid"] for key in told["keys"]][-1] == kid
        publisher.publish(system.key, new)
    await publisher.stop()
    assert (await provider.http.get(path, params={"kid": "unknown"}, headers=reader)).status_code == 200
    unreachable = {"jwks": None, "jwks_uri": publisher.uri + "/elsewhere", "signs_requests": True}
    await system.register(**unreachable)
    assert (await provider.http.get(path, headers=reader)).status_code == 404


async def test_attack_made_up_key_ids_do_not_make_us_hammer_a_departments_address(provider: Provider, publisher: Publisher) -> None:
    system = SystemWithKey(provider)
    publisher.publish(system.key)
    await system.register(jwks=None, jwks_uri=publisher.uri)
    for _ in range(5):
        assert_refused(await system.token(system.assertion(key=new_key())), "invalid_client", 401)
    assert publisher.asked == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"not json"), (200, b'{"keys": [' + b" " * 70_000 + b"]}"), (302, b""), (500, b"{}"), (200, b"[]"), (200, b'{"keys": "x"}')],
)
async def test_an_address_that_answers_nonsense_is_a_refusal(provider: Provider, publisher: Publisher, status: int, body: bytes) -> None:
    system = SystemWithKey(provider)
    publisher.status, publisher.body = status, body
    await system.register(jwks=None, jwks_uri=publisher.uri)
    assert_refused(await system.token(), "invalid_client", 401)


async def test_a_token_tells_a_resource_whether_it_is_good(system: SystemWithKey) -> None:
    provider = system.provider
    provider.follow_keys()
    await provider.sign_up()
    tokens = await provider.tokens(WANG.citizen_id)
    said = (await system.post("/introspect", token=tokens["access_token"])).json()
    claims = provider.claims(tokens["access_token"])
    assert {name: said[name] for name in ("active", "token_type", "client_id", "sub", "exp", "scope")} == {
        "active": True, "token_type": "Bearer", "client_id": "tongban-demo", "sub": claims["sub"], "exp": claims["exp"],
        "scope": claims["scope"],
    }  # fmt: skip
    for token in ("", "rubbish", tokens["refresh_token"], tokens["id_token"]):
        assert (await system.post("/introspect", token=token)).json() == {"active": False}
    provider.service.clock.advance(timedelta(minutes=16))
    assert (await system.post("/introspect", token=tokens["access_token"])).json() == {"active": False}


async def test_a_client_revokes_what_it_holds_and_nothing_else(provider: Provider) -> None:
    system = SystemWithKey(provider)
    await system.register()
    provider.follow_keys()
    await provider.sign_up()
    tokens = await provider.tokens(WANG.citizen_id)
    for token in (tokens["refresh_token"], tokens["access_token"]):
        assert (await system.post("/revoke", token=token)).status_code == 200
    assert (await system.post("/introspect", token=tokens["access_token"])).json()["active"] is True
    for kind in ("access_token", "refresh_token"):
        tokens = await provider.tokens(WANG.citizen_id)
        answer = await provider.http.post("/revoke", data={"client_id": "tongban-demo", "token": tokens[kind], "token_type_hint": "x"})
        assert (answer.status_code, answer.content) == (200, b"")
        again = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=tokens["refresh_token"])
        assert_refused(again, "invalid_grant")
        assert (await system.post("/introspect", token=tokens["access_token"])).json() == {"active": False}
    assert (await provider.http.post("/revoke", data={"client_id": "tongban-demo", "token": "rubbish"})).status_code == 200


async def test_a_refresh_token_is_introspected_by_its_own_client_only(provider: Provider) -> None:
    secret = (await provider.put_client("desk", kind="confidential")).json()["secret"]
    await provider.sign_up()
    code = await provider.code(WANG.citizen_id, client_id="desk")
    tokens = (await provider.redeem(code, client_id="desk", client_secret=secret)).json()
    said = await _introspect(provider, ("desk", secret), tokens["refresh_token"])
    assert (said.json()["active"], said.json()["token_type"]) == (True, "refresh_token")
    system = SystemWithKey(provider)
    await system.register()
    assert (await system.post("/introspect", token=tokens["refresh_token"])).json() == {"active": False}


async def _introspect(provider: Provider, auth: tuple[str, str], token: str) -> httpx.Response:
    return await provider.http.post("/introspect", data={"token": token}, auth=httpx.BasicAuth(*auth))


async def test_attack_nobody_unknown_asks_about_or_revokes_tokens(provider: Provider) -> None:
    for path in ("/introspect", "/revoke"):
        for form in (
            {"token": "x"},
            {"token": "x", "client_id": "nobody"},
            {"token": "x", "client_id": "svc-intake", "client_secret": "x"},
        ):
            assert_refused(await provider.http.post(path, data=form), "invalid_client", 401)
    assert_refused(await provider.http.post("/introspect", data={"token": "x", "client_id": "tongban-demo"}), "invalid_client", 401)


async def test_userinfo_answers_get_and_post_alike(provider: Provider) -> None:
    headers = provider.service.as_("person", "openid")
    assert (await provider.http.post("/userinfo", headers=headers)).json() == (await provider.http.get("/userinfo", headers=headers)).json()
    refused = await provider.http.post("/userinfo")
    assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "Bearer")
