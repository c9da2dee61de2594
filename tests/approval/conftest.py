"""Approval on a database of its own, and the desks around it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.approval.app import create_app
from services.approval.consumers.applications import applications
from services.approval.consumers.calendar import calendar
from services.approval.settings import ApprovalSettings
from tests.support.databases import MigratedDatabases
from tests.support.service import ServiceUnderTest, running_service

AUTHORITY = "11511602MB0X000011"
OTHER_AUTHORITY = "11511602MB0X000022"
HOLIDAYS_2026 = [
    *(f"2026-01-{day:02d}" for day in (1, 2, 3)),
    *(f"2026-02-{day:02d}" for day in range(15, 24)),
    *("2026-04-04", "2026-04-05", "2026-04-06"),
    *(f"2026-05-{day:02d}" for day in range(1, 6)),
    *("2026-06-19", "2026-06-20", "2026-06-21"),
    *("2026-09-25", "2026-09-26", "2026-09-27"),
    *(f"2026-10-{day:02d}" for day in range(1, 8)),
]
WORKDAYS_2026 = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


@dataclass
class Desk:
    """One member of staff, with a stable identity."""

    service: ServiceUnderTest
    posts: tuple[str, ...]
    name: str
    department: str | None = AUTHORITY
    grade: int = 1
    subject: UUID = field(default_factory=uuid4)

    @property
    def headers(self) -> dict[str, str]:
        claims: dict[str, Any] = {"posts": list(self.posts), "grade": self.grade, "name": self.name}
        if self.department is not None:
            claims["department"] = self.department
        return self.service.as_("staff", "approval.work", subject=self.subject, **claims)

    async def tasks(self, state: str = "open", **query: Any) -> list[dict[str, Any]]:
        answer = await self.service.http.get("/tasks", params={"state": state, **query}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def claim(self, task_id: str) -> Any:
        return await self.service.http.post(f"/tasks/{task_id}/claim", headers=self.headers)

    async def complete(self, task_id: str, version: int, outcome: str, **texts: str) -> Any:
        headers = {**self.headers, "If-Match": f'"{version}"'}
        return await self.service.http.post(f"/tasks/{task_id}/complete", json={"outcome": outcome, **texts}, headers=headers)

    async def do(self, outcome: str, **texts: str) -> dict[str, Any]:
        """Claim and complete the one task on the desk."""
        (task,) = await self.tasks()
        claimed = await self.claim(task["id"])
        assert claimed.status_code == 200, claimed.text
        done = await self.complete(task["id"], claimed.json()["version"], outcome, **texts)
        assert done.status_code == 200, done.text
        answer: dict[str, Any] = done.json()
        return answer


@dataclass
class Town:
    """The service, and ways to bring it what other services say."""

    service: ServiceUnderTest
    reviewer: Desk
    decider: Desk

    def desk(self, *posts: str, **facts: Any) -> Desk:
        return Desk(self.service, posts, facts.pop("name", "王五"), **facts)

    async def accepted(self, event_id: str | None = None, **changes: Any) -> dict[str, Any]:
        """An acceptance of that moment arrives; answers its body."""
        body = acceptance(self.service, **changes)
        await self.service.deliver(
            "tongban.intake.application", "tongban.intake.application.accepted.v1", body["application_id"], body, event_id=event_id
        )
        return body

    async def withdrawn(self, application_id: str) -> None:
        await self.service.deliver(
            "tongban.intake.application",
            "tongban.intake.application.withdrawn.v1",
            application_id,
            {"application_id": application_id, "withdrawn_at": self.service.clock.now()},
        )

    async def calendar_loaded(self, year: int = 2026, holidays: list[str] | None = None, workdays: list[str] | None = None) -> None:
        body = {
            "year": year,
            "holidays": HOLIDAYS_2026 if holidays is None else holidays,
            "workdays": WORKDAYS_2026 if workdays is None else workdays,
            "source": "国务院办公厅",
        }
        await self.service.deliver("tongban.catalog.calendar", "tongban.catalog.calendar.loaded.v1", str(year), body)

    async def file(self, case_id: str, desk: Desk | None = None) -> dict[str, Any]:
        answer = await self.service.http.get(f"/cases/{case_id}", headers=(desk or self.reviewer).headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def clock(self, case_id: str) -> dict[str, Any]:
        answer = await self.service.http.get(f"/cases/{case_id}/clock", headers=self.reviewer.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def acceptance(service: ServiceUnderTest, **changes: Any) -> dict[str, Any]:
    """The body of `accepted.v1` as intake publishes it, accepted now, due after ten working days across National Day 2026."""
    return {
        "application_id": str(uuid4()),
        "application_number": "51160220260921000001",
        "item": {"local_code": "SP-001", "version_id": str(uuid4()), "name": "食品经营许可"},
        "authority": {"code": AUTHORITY, "name": "市场监督管理局"},
        "region_code": "511602000000",
        "applicant": {
            "subject": str(uuid4()),
            "kind": "person",
            "name": "李梅",
            "holder_index": "0" * 32,
            "code": None,
            "code_masked": "511602********0021",
        },
        "handler": None,
        "submitted_at": service.clock.now().isoformat(),
        "receipt_number": "SL51160220260921000001",
        "tracking_code": "A" * 20,
        "accepted_at": service.clock.now().isoformat(),
        "accepted_by": {"subject": str(uuid4()), "name": "窗口"},
        "due_on": "2026-10-12",
        "due_is_provisional": False,
        "statutory_due_on": "2026-10-26",
        "process": [
            {"key": "review", "name": "审查", "post": "reviewer", "grade": 1, "kind": "review"},
            {"key": "decide", "name": "决定", "post": "decider", "grade": 1, "kind": "decide"},
        ],
        "promised_limit": {"days": 10, "unit": "working_day"},
        "statutory_limit": {"days": 20, "unit": "working_day"},
        "result_type_code": "11510000MB0X00001X001",
        "result_validity_months": 60,
        "form": {"business_name": "李梅面馆"},
        "materials": [
            {"key": "layout", "name": "布局图", "source": "applicant", "certificate_identifier": None, "file_id": "f" * 64, "grade": "B"}
        ],
        **changes,
    }


@pytest.fixture
async def town(migrated_database: MigratedDatabases) -> AsyncIterator[Town]:
    url = await migrated_database("approval")
    async with running_service(create_app, ApprovalSettings, database_url=url, consumers=[applications, calendar]) as service:
        yield Town(service, Desk(service, ("reviewer",), "张三"), Desk(service, ("decider",), "赵六"))
