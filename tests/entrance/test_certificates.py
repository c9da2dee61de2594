"""Clients known by their certificates (RFC 8705), through a real nginx configured as the documentation says."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
import ssl
from typing import Any
from urllib.parse import quote

import httpx
from joserfc.jwk import ECKey
import pytest

from tests.entrance.conftest import API, OPEN_TO_ALL, City, bearer, open_city
from tests.entrance.nginx import Holder, holder, nginx_before
from tests.support.databases import MigratedDatabases

pytestmark = pytest.mark.nginx

CLIENT = "sys-tax"
SUBJECT = "CN=tax,C=CN"
BOUND = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_certificate_bound_access_tokens": True}


@dataclass(slots=True)
class Entrance:
    """`tax` is the client's certificate by an authority that nginx knows, `other` another system's."""

    city: City
    url: str
    folder: Path
    authority: Holder
    tax: Holder
    other: Holder
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def connect(self, who: Holder | None) -> httpx.AsyncClient:
        """Over TLS, with somebody's certificate or none."""
        context = who.context(self.authority) if who else ssl.create_default_context(cafile=str(self.authority.pem))
        client = httpx.AsyncClient(base_url=self.url, verify=context, trust_env=False, timeout=30)
        return await self._stack.enter_async_context(client)

    async def ask_token(self, who: Holder | None, **form: str) -> httpx.Response:
        return await self.city.token(await self.connect(who), client_id=CLIENT, **form)

    async def get(self, who: Holder | None, token: str) -> httpx.Response:
        return await (await self.connect(who)).get(OPEN_TO_ALL, headers=bearer(token))


@pytest.fixture
async def entrance(city: City, tmp_path: Path) -> AsyncIterator[Entrance]:
    authority = holder(tmp_path, "authority", is_authority=True)
    tax = holder(tmp_path, "tax", issuer=authority, dns=["tax.example.gov.cn"])
    other = holder(tmp_path, "other", issuer=authority)
    with nginx_before(city.url, tmp_path, authority) as url:
        opened = Entrance(city, url, tmp_path, authority, tax, other)
        async with opened._stack:
            yield opened


def x5t(who: Holder) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(who.der).digest()).rstrip(b"=").decode()


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


@pytest.mark.parametrize("name", [{"tls_client_auth_subject_dn": SUBJECT}, {"tls_client_auth_san_dns": "TAX.example.gov.cn"}])
async def test_a_client_proves_itself_by_a_certificate_that_names_it(entrance: Entrance, name: dict[str, str]) -> None:
    made = await entrance.city.put_client(CLIENT, token_endpoint_auth_method="tls_client_auth", **name)
    assert (made.status_code, "secret" in made.json()) == (201, False), made.text
    answer = await entrance.ask_token(entrance.tax)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer"), answer.text
    assert (await entrance.city.http.get(OPEN_TO_ALL, headers=bearer(answer.json()["access_token"]))).status_code == 200, "not bound"


@pytest.mark.parametrize("published_as", ["x5c", "x5t#S256"])
async def test_a_client_proves_itself_by_a_certificate_of_its_own_making(entrance: Entrance, published_as: str) -> None:
    own = holder(entrance.folder, "own")
    written = [base64.b64encode(own.der).decode()] if published_as == "x5c" else x5t(own)
    key = {**ECKey.import_key(own.key.public_key()).as_dict(private=False), published_as: written}
    made = await entrance.city.put_client(CLIENT, token_endpoint_auth_method="self_signed_tls_client_auth", jwks={"keys": [key]})
    assert made.status_code == 201, made.text
    assert (await entrance.ask_token(own)).status_code == 200
    impostor = holder(entrance.folder, "own")  # the same name, another key
    assert (await entrance.ask_token(impostor)).json()["error"] == "invalid_client"


async def test_a_token_is_good_only_with_the_certificate_it_was_asked_for_with(entrance: Entrance) -> None:
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
    token = (await entrance.ask_token(entrance.tax)).json()["access_token"]
    assert (await entrance.get(entrance.tax, token)).status_code == 200
    told = await entrance.city.token(await entrance.connect(entrance.tax))
    assert told.status_code == 401, "without its client_id nobody knows who asks"
    state = await (await entrance.connect(entrance.tax)).post(f"{API}/introspect", data={"client_id": CLIENT, "token": token})
    assert (state.json()["cnf"], state.json()["token_type"]) == ({"x5t#S256": x5t(entrance.tax)}, "Bearer")


async def test_attack_a_stolen_token_with_no_certificate_or_another(entrance: Entrance) -> None:
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
    token = (await entrance.ask_token(entrance.tax)).json()["access_token"]
    for thief in (None, entrance.other, holder(entrance.folder, "tax")):
        answer = await entrance.get(thief, token)
        assert (answer.status_code, slug(answer)) == (401, "certificate-refused")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_attack_a_forged_header_through_nginx_and_straight_to_the_gateway(
    entrance: Entrance, migrated_database: MigratedDatabases
) -> None:
    """Through nginx it is overwritten. To a gateway that trusts no such proxy it means nothing."""
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
    token = (await entrance.ask_token(entrance.tax)).json()["access_token"]
    forged = {"Client-Cert": quote(entrance.tax.pem.read_text(), safe=""), "X-SSL-Client-Verify": "SUCCESS"}
    for thief in (None, entrance.other):
        through = await (await entrance.connect(thief)).get(OPEN_TO_ALL, headers={**bearer(token), **forged})
        assert (through.status_code, slug(through)) == (401, "certificate-refused")
        asked = await (await entrance.connect(thief)).post(
            f"{API}/token", data={"grant_type": "client_credentials", "client_id": CLIENT}, headers=forged
        )
        assert asked.json()["error"] == "invalid_client"
    for distrusting in ({}, {"trusted_proxies": ["127.0.0.0/8"]}, {"trusted_proxies": ["10.0.0.0/8"], "client_certificates": True}):
        async with open_city(migrated_database, **distrusting) as city:
            await city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
            form = {"grant_type": "client_credentials", "client_id": CLIENT}
            assert (await city.http.post(f"{API}/token", data=form, headers=forged)).json()["error"] == "invalid_client"


async def test_attack_a_certificate_claimed_to_identity_behind_the_gateway(entrance: Entrance) -> None:
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
    token = (await entrance.ask_token(entrance.tax)).json()["access_token"]
    claimed = {"X-Tongban-Certificate": "trusted " + base64.b64encode(entrance.tax.der).decode()}
    form = {"grant_type": "client_credentials", "client_id": CLIENT}
    for vouching in ({}, {"X-Passed-On-By": token}, {"X-Passed-On-By": "rubbish"}):
        for asked in (entrance.city.inside, entrance.city.http):
            assert (await asked.post(f"{API}/token", data=form, headers={**claimed, **vouching})).json()["error"] == "invalid_client"
    stolen = await entrance.city.inside.get(OPEN_TO_ALL, headers={**bearer(token), **claimed})
    assert (stolen.status_code, slug(stolen)) == (401, "proof-refused")


async def test_attack_a_certificate_of_the_right_name_by_nobody_we_know(entrance: Entrance) -> None:
    """Anybody can make one of that name; and one whose time is over proves nothing."""
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, **BOUND)
    stranger = holder(entrance.folder, "stranger", is_authority=True)
    over = holder(entrance.folder, "tax", issuer=entrance.authority, days=0)
    for forged in (holder(entrance.folder, "tax"), holder(entrance.folder, "tax", issuer=stranger), over, entrance.other, None):
        answer = await entrance.ask_token(forged)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_client_with_a_certificate_has_no_other_proof(entrance: Entrance) -> None:
    await entrance.city.put_client(CLIENT, tls_client_auth_subject_dn=SUBJECT, token_endpoint_auth_method="tls_client_auth")
    assert (await entrance.ask_token(entrance.tax, client_secret="x" * 40)).status_code == 401
    basic = await entrance.city.token(await entrance.connect(entrance.tax), client_id=CLIENT, client_secret="x" * 40)
    assert basic.status_code == 401


async def test_a_client_with_a_secret_may_bind_its_tokens_too(entrance: Entrance) -> None:
    made = await entrance.city.put_client(CLIENT, tls_client_certificate_bound_access_tokens=True)
    secret = made.json()["secret"]
    without = await entrance.city.token(client_id=CLIENT, client_secret=secret)
    assert (without.status_code, without.json()["error"]) == (400, "invalid_request")
    token = (await entrance.ask_token(entrance.other, client_secret=secret)).json()["access_token"]
    assert (await entrance.get(entrance.other, token)).status_code == 200
    assert (await entrance.get(entrance.tax, token)).status_code == 401


async def test_discovery_tells_clients_where_certificates_are_asked_for(entrance: Entrance) -> None:
    told = (await entrance.city.http.get("/.well-known/openid-configuration")).json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert told["mtls_endpoint_aliases"]["token_endpoint"] == "https://mtls.example/api/identity/v1/token"
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(told["token_endpoint_auth_methods_supported"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"token_endpoint_auth_method": "tls_client_auth"}, "/tls_client_auth_subject_dn"),
        ({**BOUND, "tls_client_auth_subject_dn": SUBJECT, "tls_client_auth_san_dns": "a.cn"}, "/tls_client_auth_subject_dn"),
        ({**BOUND, "tls_client_auth_subject_dn": "no name"}, "/tls_client_auth_subject_dn"),
        ({"tls_client_auth_subject_dn": SUBJECT}, "/tls_client_auth_subject_dn"),
        ({**BOUND, "tls_client_auth_san_dns": "a.cn", "secret": "s" * 40}, "/token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "/jwks"),
        ({"tls_client_certificate_bound_access_tokens": True, "dpop_bound_access_tokens": True}, "/tls_client_certificate_bound_access_tokens"),
    ],
)  # fmt: skip
async def test_a_registration_that_names_no_certificate_clearly_is_refused(city: City, body: dict[str, Any], pointer: str) -> None:
    answer = await city.put_client("sys-odd", **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
