"""Those who keep items: a department's writers and reviewers, its system, the authority above, the operator."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.catalog.sample import AUTHORITY
from tests.support.service import ServiceUnderTest

DISTRICT, CITY, OTHER_DISTRICT = "511602000000", "511600000000", "511603000000"
ABOVE = "11511600DEM0000148"
OTHER_AUTHORITY = "11511602DEM000022L"
MAINTAIN, REVIEW, STOP = "catalog.items.maintain", "catalog.items.review", "catalog.items.stop"


@dataclass
class Official:
    """One actor with a stable identity. Paths are below the service's own."""

    service: ServiceUnderTest
    kind: str
    scopes: tuple[str, ...]
    claims: dict[str, Any]
    subject: UUID = field(default_factory=uuid4)

    @property
    def hand(self) -> str:
        return f"{self.kind}:{self.subject}"

    async def call(self, method: str, path: str, body: Any = None, *, seen: int | None = None, **headers: str) -> httpx.Response:
        sent = self.service.as_(self.kind, *self.scopes, subject=self.subject, **self.claims) | headers
        if seen is not None:
            sent["If-Match"] = f'"{seen}"'
        return await self.service.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str) -> httpx.Response:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any, *, seen: int | None = None) -> httpx.Response:
        return await self.call("POST", path, body, seen=seen)

    async def draft(self, local_code: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """A new draft."""
        answer = await self.post("/item-drafts", {"local_code": local_code, "content": content})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def change(self, draft: dict[str, Any], content: dict[str, Any], *, seen: int | None = None, **more: Any) -> httpx.Response:
        return await self.call("PUT", f"/item-drafts/{draft['id']}", {"content": content, **more}, seen=seen or draft["version"])

    async def review(self, draft: dict[str, Any], verdict: str = "approved", *, seen: int | None = None) -> httpx.Response:
        body = {"verdict": verdict, "opinion": "已核对"}
        return await self.post(f"/item-drafts/{draft['id']}/review", body, seen=seen or draft["version"])

    async def publish(self, draft: dict[str, Any], effective_from: Any = None, *, seen: int | None = None) -> httpx.Response:
        body = {"effective_from": effective_from}
        return await self.post(f"/item-drafts/{draft['id']}/publication", body, seen=seen or draft["version"])


def staff(
    service: ServiceUnderTest, *posts: str, name: str = "李四", department: str = AUTHORITY, region: str = DISTRICT, **more: Any
) -> Official:
    """Somebody at posts of a department, with the scopes that identity gives these."""
    scopes = (MAINTAIN, REVIEW, STOP) if "item-reviewer" in posts else (MAINTAIN,) if "item-editor" in posts else ()
    return Official(service, "staff", scopes, {"name": name, "department": department, "region": region, "posts": list(posts), **more})


def editor(service: ServiceUnderTest, **more: Any) -> Official:
    return staff(service, "item-editor", **more)


def reviewer(service: ServiceUnderTest, **more: Any) -> Official:
    return staff(service, "item-reviewer", **{"name": "王五", **more})


def system(service: ServiceUnderTest, *, department: str = AUTHORITY, region: str = DISTRICT) -> Official:
    return Official(service, "system", (MAINTAIN,), {"name": "市监局业务系统", "department": department, "region": region})


def above(service: ServiceUnderTest) -> Official:
    """A reviewer of the city's department, whose grant names the district's."""
    grant = {
        "department": ABOVE,
        "post": "item-reviewer",
        "region": CITY,
        "grade": 2,
        "departments": [AUTHORITY],
        "items": None,
        "delegation": None,
    }
    return staff(service, "item-reviewer", name="赵六", department=ABOVE, region=CITY, grants=[grant])


def operator(service: ServiceUnderTest) -> Official:
    return Official(service, "service", ("catalog.admin", MAINTAIN, STOP), {"name": "svc-operator"})


async def scheduled(catalog: ServiceUnderTest, local_code: str, content: dict[str, object], begins: datetime | str) -> dict[str, object]:
    """A version, reviewed and published to begin at an instant."""
    draft = await editor(catalog).draft(local_code, content)
    reviewed = (await reviewer(catalog).review(draft)).json()
    answer = await editor(catalog).publish(reviewed, begins if isinstance(begins, str) else begins.isoformat())
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made
