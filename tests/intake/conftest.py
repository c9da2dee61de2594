"""Intake on a database of its own, with a catalog, an identity and a certificate library that answer as told."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from chassis.http import Answer, Request
from services.intake.app import create_app
from services.intake.consumers import ALL
from services.intake.settings import IntakeSettings
from tests.support.databases import MigratedDatabases
from tests.support.peers import answer
from tests.support.service import ServiceUnderTest, running_service

AUTHORITY = "11511602MB0X000011"
DISTRICT = "511602000000"
CITY = "511600000000"
LICENCE_TYPE = "11510000MB0X00002N001"
ID_CARD_TYPE = "11100000000013127D001"
PDF = b"%PDF-1.7\n" + b"tongban " * 200
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 600

ITEM: dict[str, Any] = {
    "local_code": "sp-jy",
    "version_id": "0199a000-0000-7000-8000-000000000001",
    "version_number": 1,
    "published_at": "2026-01-01T00:00:00+08:00",
    "name": "食品经营许可",
    "name_en": "Food business licence",
    "authority": {"code": AUTHORITY, "name": "广安区市场监督管理局", "name_en": None},
    "region_code": DISTRICT,
    "kind": "committed",
    "statutory_limit": {"days": 20, "unit": "working_day", "basis": "行政许可法第四十二条"},
    "promised_limit": {"days": 10, "unit": "working_day"},
    "materials": [
        {"key": "application-form", "name": "申请书", "name_en": "Application", "source": "applicant", "form": "filled_form"},
        {"key": "business-licence", "name": "营业执照", "source": "certificate", "certificate_type": LICENCE_TYPE},
        {"key": "identity-card", "name": "居民身份证", "source": "certificate", "certificate_type": ID_CARD_TYPE},
        {"key": "floor-plan", "name": "经营场所布局图", "name_en": "Floor plan", "source": "applicant"},
        {"key": "tax-record", "name": "纳税记录", "source": "shared", "shared_resource": "tax"},
        {"key": "lease", "name": "租赁合同", "source": "applicant", "necessity": "conditional", "needed_when": "租用场地的"},
    ],
    "form": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": ["business_name", "phone"],
        "properties": {
            "business_name": {"type": "string", "minLength": 2},
            "phone": {"type": "string", "pattern": "^1[0-9]{10}$"},
            "note": {"type": "string"},
        },
    },
    "process": [
        {"key": "review", "name": "审查", "kind": "review", "post": "reviewer", "grade": 1},
        {"key": "decide", "name": "决定", "kind": "decide", "post": "decider", "grade": 2},
    ],
    "result_type_code": "11510000MB0X00002N009",
    "result_validity_months": 60,
}
FORM = {"business_name": "小面馆", "phone": "13900001234"}
HOLIDAYS_2026 = ["2026-09-25", *(f"2026-10-{day:02d}" for day in range(1, 8))]
WORKDAYS_2026 = ["2026-09-20", "2026-10-10"]


def certificate(type_code: str, name: str) -> dict[str, Any]:
    """What the library answers for one type."""
    return {
        "type_code": type_code,
        "certificate_id": str(uuid4()),
        "identifier": f"1.2.156.3005.2.{type_code}.{AUTHORITY}.1.001.X",
        "number": "1",
        "name": name,
        "holder_name": "张三",
        "issued_on": "2025-01-01",
        "valid_until": None,
        "grade": "A",
        "use_id": str(uuid4()),
        "elements": {},
    }


@dataclass
class Someone:
    """One actor with a stable identity."""

    service: ServiceUnderTest
    kind: str
    scopes: tuple[str, ...]
    claims: dict[str, Any]
    subject: UUID = field(default_factory=uuid4)

    @property
    def headers(self) -> dict[str, str]:
        return self.service.as_(self.kind, *self.scopes, subject=self.subject, **self.claims)

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self.service.http.get(path, params=parameters, headers=self.headers)

    async def post(self, path: str, body: Any = None, *, seen: int | None = None, **headers: str) -> httpx.Response:
        return await self.service.http.post(path, json=body, headers=self._headers(seen, headers))

    async def put(self, path: str, body: Any, *, seen: int | None = None) -> httpx.Response:
        return await self.service.http.put(path, json=body, headers=self._headers(seen, {}))

    async def upload(self, application: str, key: str, content: Any, *, name: str = "plan.pdf", declared: str = "") -> httpx.Response:
        headers = self.headers | ({"Content-Type": declared} if declared else {})
        path = f"/applications/{application}/materials/{key}/file"
        return await self.service.http.put(path, params={"filename": name}, content=content, headers=headers)

    def _headers(self, seen: int | None, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return self.headers | named | ({"If-Match": f'"{seen}"'} if seen is not None else {})

    async def draft(self, **body: Any) -> dict[str, Any]:
        """A new draft."""
        answered = await self.post("/applications", {"item_code": "sp-jy", "form": FORM, **body})
        assert answered.status_code == 201, answered.text
        made: dict[str, Any] = answered.json()
        return made

    async def submitted(self, **body: Any) -> dict[str, Any]:
        """A complete application at the window."""
        draft = await self.draft(**body)
        uploaded = await self.upload(draft["id"], "floor-plan", PDF)
        assert uploaded.status_code == 200, uploaded.text
        answered = await self.post(f"/applications/{draft['id']}/submit", seen=2)
        assert answered.status_code == 200, answered.text
        made: dict[str, Any] = answered.json()
        return made


@dataclass
class Hall:
    """The service and the people around it."""

    service: ServiceUnderTest
    files: Path

    def citizen(self, name: str = "张三", **claims: Any) -> Someone:
        return Someone(self.service, "person", ("intake.apply", "certificates.use"), {"name": name, "holder_index": uuid4().hex, **claims})

    def company(self, handler: Someone) -> Someone:
        act = {"sub": str(handler.subject), "name": handler.claims["name"], "holder_index": handler.claims["holder_index"]}
        claims = {"name": "广安小面餐饮有限公司", "holder_index": "c" * 32, "act": act}
        return Someone(self.service, "organisation", ("intake.apply", "certificates.use"), claims, subject=UUID(int=7))

    def clerk(self, region: str | None = CITY, *, posts: tuple[str, ...] = ("window",)) -> Someone:
        claims = {"name": "李窗口", "posts": list(posts), "department": AUTHORITY, **({"region": region} if region else {})}
        return Someone(self.service, "staff", ("intake.window",), claims)

    async def accepted(self, applicant: Someone, **body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """An application and its receipt."""
        application = await applicant.submitted(**body)
        answered = await self.clerk().post(f"/window/applications/{application['id']}/accept", seen=application["version"])
        assert answered.status_code == 200, answered.text
        return application, answered.json()

    def bring_back(self, peer: str) -> None:
        """The peer answers again, and is asked again at once: how long a breaker rests is the chassis's own test."""
        self.service.peers.bring_back(peer)
        self.service.runtime.http._breakers.pop(peer)

    async def load_calendar(self) -> None:
        body = {"year": 2026, "holidays": HOLIDAYS_2026, "workdays": WORKDAYS_2026, "source": "国务院办公厅通知"}
        await self.service.deliver("tongban.catalog.calendar", "tongban.catalog.calendar.loaded.v1", "2026", body)

    async def decide(self, application_id: str, outcome: str = "granted", **more: Any) -> None:
        body = {
            "case_id": str(uuid4()),
            "application_id": application_id,
            "outcome": outcome,
            "reasons": None,
            "remedies": None,
            "decided_at": "2026-09-24T02:00:00Z",
            "decided_on": "2026-09-24",
            "is_on_time": True,
            **more,
        }
        await self.service.deliver("tongban.approval.case", "tongban.approval.case.decided.v1", body["case_id"], body)

    async def issue(self, application_id: str | None, identifier: str = "1.2.156.3005.2.X") -> None:
        certificate_id = str(uuid4())
        body = {"certificate_id": certificate_id, "identifier": identifier, "application_id": application_id}
        topic = "tongban.certificates.certificate"
        await self.service.deliver(topic, f"{topic}.issued.v1", certificate_id, body)


def answer_uses(request: Request) -> Answer:
    """A library that holds the licence and the identity card of whoever asks."""
    wanted = orjson.loads(request.body)["type_codes"]
    return answer({"matches": [certificate(code, "证照") for code in wanted]}, 201)


@pytest.fixture
async def hall(migrated_database: MigratedDatabases, tmp_path: Path) -> AsyncIterator[Hall]:
    files = tmp_path / "files"
    database = await migrated_database("intake")
    async with running_service(
        create_app, IntakeSettings, database_url=database, consumers=ALL, files_dir=files, item_cache_seconds=0
    ) as service:
        service.peers.on("GET", "catalog", "/items/sp-jy", ITEM)
        service.peers.on("GET", "identity", "/me", _me)
        service.peers.on("POST", "certificates", "/uses", answer_uses)
        yield Hall(service, files)


def _me(request: Request) -> Answer:
    claims = jwt_claims(request.headers["authorization"].removeprefix("Bearer "))
    if claims["actor_kind"] == "organisation":
        return answer({"id": claims["sub"], "kind": "organisation", "name": claims["name"], "uscc": "92511602MA0X0000X1"})
    return answer(
        {"id": claims["sub"], "kind": "person", "name": claims["name"], "citizen_id_masked": "5116**********1234", "assurance": 2}
    )


def jwt_claims(token: str) -> dict[str, Any]:
    """The claims of a token, unverified: what a stand-in may rely on."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
