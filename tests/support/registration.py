"""Registering what a test needs at a running suite, as its operator would."""

from typing import Any

import httpx

from chassis.crypto import KeyRing
from host.demo.gateway import Gateway
from host.demo.sign_in import sign_in_system
from tests.support.suite import RunningSuite

OPERATOR = "svc-operator"


async def operator_token(suite: RunningSuite, gateway: Gateway) -> str:
    """The access token of the suite's operator."""
    master_key = (suite.var / "master.key").read_text().strip()
    return await sign_in_system(gateway, OPERATOR, KeyRing(master_key, service="host").secret_for(f"client:{OPERATOR}"))


async def register_client(suite: RunningSuite, client_id: str, **body: Any) -> str:
    """Register a confidential client people sign in to; answers its secret."""
    async with httpx.AsyncClient(base_url=suite.url, timeout=60) as http:
        gateway = Gateway(http)
        wanted = {"name": client_id, "kind": "confidential", "department": None, "scopes": ["openid"], **body}
        path = f"/api/identity/v1/clients/{client_id}"
        answer = await gateway.call("PUT", path, token=await operator_token(suite, gateway), expect=(201,), json=wanted)
        return str(answer.json()["secret"])
