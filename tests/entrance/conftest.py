"""The gateway and identity, both real, as a city's systems meet them: registered by the operator, with tokens of identity's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
import httpx
import pytest

from chassis.crypto import KeyRing, new_master_key
from chassis.transports import InProcessTransport, NetworkTransport
from gateway.app import create_app
from gateway.backends import InProcessBackend
from gateway.settings import GatewaySettings
from gateway.wire import protocol_of
from host.serving import serving
from host.stack.processes import free_ports
from services.identity.app import create_app as create_identity
from services.identity.settings import IdentitySettings
from standards.uscc import make_uscc
from tests.support.databases import MigratedDatabases

API = "/api/identity/v1"
DEPARTMENT = make_uscc("11", "511602", "MB000001")
OPEN_TO_ALL = f"{API}/departments/{DEPARTMENT}"
"""A page anybody may read; a token that comes along must still be good."""


@dataclass(slots=True)
class City:
    """`http` is the gateway's; `inside` reaches identity itself, as somebody behind the gateway would."""

    url: str
    master_key: str
    http: httpx.AsyncClient
    inside: httpx.AsyncClient
    identity: FastAPI
    _operator: str = ""

    async def operator(self) -> dict[str, str]:
        if not self._operator:
            secret = KeyRing(self.master_key, service="host").secret_for("client:svc-operator")
            form = {"grant_type": "client_credentials", "client_id": "svc-operator", "client_secret": secret}
            self._operator = (await self.http.post(f"{API}/token", data=form)).json()["access_token"]
        return bearer(self._operator)

    async def put_client(self, client_id: str, **body: Any) -> httpx.Response:
        """The system of the one department; the answer is the test's to judge."""
        full = {"name": "业务系统", "kind": "confidential", "department": DEPARTMENT, "scopes": ["certificates.supply"], **body}
        return await self.http.put(f"{API}/clients/{client_id}", json=full, headers=await self.operator())

    async def token(self, http: httpx.AsyncClient | None = None, /, **form: str) -> httpx.Response:
        return await (http or self.http).post(f"{API}/token", data={"grant_type": "client_credentials", **form})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def open_city(migrated_database: MigratedDatabases, **settings: Any) -> AsyncIterator[City]:
    """`settings` are the gateway's."""
    master_key = new_master_key()
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    apps: dict[str, FastAPI] = {}
    transport = InProcessTransport(apps.get, NetworkTransport())
    shared: dict[str, Any] = {"public_url": url, "master_key": master_key, "peers": {"identity": url}}
    database_url = await migrated_database("identity")
    quiet: dict[str, Any] = {
        "run_relay": False,
        "run_consumers": False,
        "run_logout_courier": False,
        "database_pool": 4,
        "mtls_url": "https://mtls.example",
    }
    identity = apps["identity"] = create_identity(IdentitySettings(**shared, **quiet, database_url=database_url), transport=transport)
    chosen = GatewaySettings(**{**shared, "database_url": await migrated_database("gateway"), "check_seconds": 0, **settings})
    app = create_app(chosen, backend=InProcessBackend(apps.get), transport=transport, services=["identity"])
    async with (
        identity.router.lifespan_context(identity),
        serving(app, port, protocol=protocol_of(chosen)),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
        httpx.AsyncClient(base_url=url, transport=httpx.ASGITransport(app=identity, raise_app_exceptions=False)) as inside,
    ):
        city = City(url, master_key, http, inside, identity)
        body = {"name": "市场监督管理局", "region": "511602000000"}
        answer = await http.put(OPEN_TO_ALL, json=body, headers=await city.operator())
        assert answer.status_code == 201, answer.text
        yield city


@pytest.fixture
async def city(migrated_database: MigratedDatabases) -> AsyncIterator[City]:
    """Whose gateway trusts loopback addresses, and what they say of certificates."""
    async with open_city(migrated_database, trusted_proxies=["127.0.0.0/8"], client_certificates=True) as opened:
        yield opened
