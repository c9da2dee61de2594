"""A client that signs its requests, from its registration to the page it asks for, through the real gateway and identity."""

from collections.abc import AsyncIterator
import time
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey
import pytest

from gateway.app import create_app
from gateway.backends import InProcessBackend
from gateway.settings import GatewaySettings
from host.serving import serving
from host.stack.processes import free_ports
from tests.entrance.conftest import API, OPEN_TO_ALL, City, bearer, open_city
from tests.support.databases import MigratedDatabases
from tests.support.signing import Key, refused, signed_headers
from tests.support.waiting import until

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BANK = "sys-bank"


def new_key(kid: str = "k1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid})


async def token_by_key(city: City, key: ECKey) -> str:
    """The client's token, which it proves itself for with the key it signs with."""
    now = int(time.time())
    claims = {"iss": BANK, "sub": BANK, "aud": city.url, "jti": uuid4().hex, "iat": now, "exp": now + 60}
    assertion = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)
    answer = await city.token(client_assertion_type=ASSERTION, client_assertion=assertion)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


async def get(city: City, token: str, key: Key) -> httpx.Response:
    return await city.http.get(OPEN_TO_ALL, headers=signed_headers("GET", city.url + OPEN_TO_ALL, token, key))


@pytest.fixture
async def registered(city: City) -> AsyncIterator[tuple[ECKey, str]]:
    key = new_key()
    made = await city.put_client(BANK, jwks=public(key), signs_requests=True)
    assert (made.status_code, made.json()["signs_requests"], "secret" in made.json()) == (201, True, False)
    yield key, await token_by_key(city, key)


async def test_its_signed_requests_are_served_and_unsigned_ones_are_not(city: City, registered: tuple[ECKey, str]) -> None:
    key, token = registered
    assert (await get(city, token, key)).status_code == 200
    assert "one signature" in refused(await city.http.get(OPEN_TO_ALL, headers=bearer(token)))


async def test_attack_a_stolen_token_used_behind_the_gateway(city: City, registered: tuple[ECKey, str]) -> None:
    """Services believe only a service of the suite that a request was signed, never the request."""
    _, token = registered
    for passed_on_by in ({}, {"X-Passed-On-By": token}, {"X-Passed-On-By": "rubbish"}):
        answer = await city.inside.get(OPEN_TO_ALL, headers={**bearer(token), **passed_on_by})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) in {(401, "proof-refused"), (401, "token-refused")}


async def test_attack_replayed_at_another_worker(city: City, migrated_database: MigratedDatabases) -> None:
    """Workers share what they have seen."""
    key = new_key()
    shared = await migrated_database("gateway")
    async with open_city(migrated_database, database_url=shared) as first:
        await first.put_client(BANK, jwks=public(key), signs_requests=True)
        token = await token_by_key(first, key)
        [port] = free_ports(1)
        settings = GatewaySettings(
            public_url=first.url, master_key=first.master_key, peers={"identity": first.url}, database_url=shared, check_seconds=0
        )  # fmt: skip
        second = create_app(settings, backend=InProcessBackend({"identity": first.identity}.get), services=["identity"])
        headers = signed_headers("GET", first.url + OPEN_TO_ALL, token, key)
        async with serving(second, port):
            assert (await first.http.get(OPEN_TO_ALL, headers=headers)).status_code == 200
            async with httpx.AsyncClient(trust_env=False) as http:
                replayed = await http.get(f"http://127.0.0.1:{port}{OPEN_TO_ALL}", headers=headers)
    assert "used before" in refused(replayed)


async def test_with_the_shared_memory_away_nothing_signed_is_served_and_the_rest_is(migrated_database: MigratedDatabases) -> None:
    key = new_key()
    async with open_city(migrated_database, database_url="postgresql://127.0.0.1:1/nowhere") as city:
        await city.put_client(BANK, jwks=public(key), signs_requests=True)
        token = await token_by_key(city, key)
        assert (await get(city, token, key)).status_code == 503
        assert (await city.http.get(OPEN_TO_ALL)).status_code == 200


async def test_a_new_key_is_good_within_seconds_and_the_old_one_goes_on(city: City, registered: tuple[ECKey, str]) -> None:
    key, token = registered
    assert (await get(city, token, key)).status_code == 200
    new = OKPKey.generate_key("Ed25519", {"kid": "k2"})
    assert (await city.put_client(BANK, jwks=public(key, new), signs_requests=True)).status_code == 200

    async def is_served() -> bool:
        return (await get(city, token, new)).status_code == 200

    await until(is_served, seconds=30)
    assert (await get(city, token, key)).status_code == 200


async def test_keys_are_for_the_suites_services_and_of_signing_clients_only(city: City, registered: tuple[ECKey, str]) -> None:
    key, token = registered
    path = f"{API}/clients/{BANK}/request-keys"
    told = await city.http.get(path, headers=await city.operator())
    assert told.json()["keys"] == [{**key.as_dict(private=False), "kid": "k1"}]
    assert (await city.http.get(path, headers=signed_headers("GET", city.url + path, token, key))).status_code == 403
    await city.put_client("sys-plain")
    for client_id in ("sys-plain", "sys-unknown"):
        assert (await city.http.get(f"{API}/clients/{client_id}/request-keys", headers=await city.operator())).status_code == 404


async def test_a_key_without_a_kid_goes_by_its_thumbprint(city: City) -> None:
    key = ECKey.generate_key("P-256")
    await city.put_client(
        BANK, jwks={"keys": [{name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}]}, signs_requests=True
    )
    now = int(time.time())
    claims = {"iss": BANK, "sub": BANK, "aud": city.url, "jti": uuid4().hex, "iat": now, "exp": now + 60}
    form = {"client_assertion_type": ASSERTION, "client_assertion": jwt.encode({"alg": "ES256"}, claims, key)}
    token = (await city.token(**form)).json()["access_token"]
    headers = signed_headers("GET", city.url + OPEN_TO_ALL, token, key, kid=key.thumbprint())
    assert (await city.http.get(OPEN_TO_ALL, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({}, "/signs_requests"),
        ({"jwks": public(ECKey.generate_key("P-256", {"kid": "k"}), ECKey.generate_key("P-256", {"kid": "k"}))}, "/jwks"),
        ({"jwks": public(OKPKey.generate_key("X25519"))}, "/jwks"),
        ({"kind": "public", "department": None, "redirect_uris": ["http://127.0.0.1/x"], "jwks": public(new_key())}, "/jwks"),
    ],
    ids=["no keys", "one kid twice", "a key that cannot sign", "a public client"],
)
async def test_a_registration_that_could_not_sign_is_refused(city: City, change: dict[str, Any], pointer: str) -> None:
    answer = await city.put_client("sys-odd", signs_requests=True, **change)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
