"""Forged tokens at every service, by itself: the gateway is a convenience, not the wall."""

from functools import cache
import re

import httpx
import pytest

from chassis.access import AccessRule, rules_of
from chassis.crypto import new_master_key
from host.services import SERVICES
from tests.architecture.house import api_routes
from tests.support.forgeries import FORGERIES
from tests.support.peers import Peers, answer
from tests.support.tokens import Issuer


@cache
def _service(name: str) -> tuple[httpx.AsyncClient, Issuer, str, str]:
    """Its real app with its real verifier, the issuer it believes, and a route of it that not everybody may use."""
    issuer, peers = Issuer(), Peers()
    peers.on("GET", "identity", "/jwks", lambda _: answer(issuer.jwks()))
    entry = SERVICES[name]
    app = entry.create_app(entry.settings_class(master_key=new_master_key()), transport=peers)
    route = next(one for one in api_routes(name) if isinstance(rules_of(one.dependant)[0], AccessRule))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://inside")
    return http, issuer, sorted(route.methods or ())[0], re.sub(r"\{[^}]+\}", "0199a000-0000-7000-8000-000000000001", str(route.path))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("attack", FORGERIES)
async def test_attack(service: str, attack: str) -> None:
    http, issuer, method, path = _service(service)
    refused = await http.request(method, path, headers={"Authorization": f"Bearer {FORGERIES[attack](issuer)}"})
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:token-refused")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_good_token_is_judged_by_what_it_may_do(service: str) -> None:
    http, issuer, method, path = _service(service)
    judged = await http.request(method, path, headers={"Authorization": f"Bearer {issuer.token('service')}"})
    assert judged.status_code == 403


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("bound_to", [{"x5t#S256": "A" * 43}, {"signed_by": "sys-bank"}, {}, {"jkt": "A" * 43}], ids=str)
@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
async def test_attack_a_stolen_bound_token_without_what_it_is_bound_to(service: str, bound_to: dict[str, str], scheme: str) -> None:
    http, issuer, method, path = _service(service)
    stolen = issuer.token("service", cnf=bound_to)
    refused = await http.request(method, path, headers={"Authorization": f"{scheme} {stolen}"})
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:proof-refused")
