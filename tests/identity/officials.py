"""Departments and officials of a small city, and what they do at the identity service."""

from dataclasses import dataclass
from typing import Any

import httpx

from standards.uscc import make_uscc
from tests.identity.provider import PASSWORD, Provider, bearer

CITY = make_uscc("11", "511600", "MB000100")
DISTRICT = make_uscc("11", "511602", "MB000200")
TOWN = make_uscc("11", "511602", "MB000300")
OTHER = make_uscc("11", "511603", "MB000400")
"""CITY above DISTRICT above TOWN; OTHER beside them."""


@dataclass(slots=True)
class Officials:
    """`chief` decides in the district, `deputy` reviews there, `admin` keeps the district's staff, `stranger` works elsewhere."""

    provider: Provider

    @property
    def http(self) -> httpx.AsyncClient:
        return self.provider.http

    async def appoint(self, login: str, department: str = DISTRICT, **office: Any) -> dict[str, Any]:
        answer = await self.provider.put_staff(login, **{"department": department, "name": f"官{login}", **office})
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def headers(self, login: str) -> dict[str, str]:
        """Signed in now."""
        return bearer((await self.provider.tokens(login))["access_token"])

    async def delegate(self, headers: dict[str, str], **change: Any) -> httpx.Response:
        body = {
            "delegate": "deputy", "posts": ["decider"], "region": "511602000000", "grade": 2, "reason": "leave",
            "valid_from": "2026-09-21", "valid_until": "2026-09-25", "password": PASSWORD,
        }  # fmt: skip
        return await self.http.post("/delegations", json={**body, **change}, headers=headers)

    async def revoke(self, headers: dict[str, str], delegation: dict[str, Any], **change: str) -> httpx.Response:
        sent = {**headers, "If-Match": f'"{delegation["version"]}"', **change}
        return await self.http.post(f"/delegations/{delegation['id']}/revoke", json={"reason": "回岗"}, headers=sent)


async def settle(provider: Provider) -> Officials:
    """The departments and the four officials."""
    for uscc, name, region, parent in (
        (CITY, "市局", "511600000000", None),
        (DISTRICT, "区局", "511602000000", CITY),
        (TOWN, "镇所", "511602100000", DISTRICT),
        (OTHER, "外区局", "511603000000", CITY),
    ):
        body = {"name": name, "region": region, "parent": parent}
        answer = await provider.http.put(f"/departments/{uscc}", json=body, headers=provider.admin)
        assert answer.status_code == 201, answer.text
    officials = Officials(provider)
    await officials.appoint("chief", posts=["decider"], grade=2)
    await officials.appoint("deputy", posts=["reviewer"], grade=1)
    await officials.appoint("admin", posts=["administrator"], grade=0)
    await officials.appoint("stranger", OTHER, posts=["reviewer"], region="511603000000")
    return officials
