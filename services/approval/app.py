"""Approval's app."""

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.http import Transport
from services.approval import events
from services.approval.api import cases, tasks
from services.approval.consumers.applications import applications
from services.approval.consumers.calendar import calendar
from services.approval.settings import ApprovalSettings
from services.approval.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS = (applications, calendar)
TOPICS = (events.TOPIC,)


def create_app(
    settings: ApprovalSettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    return create_service(
        settings or ApprovalSettings(),
        title="通办 · 审批 Approval",
        description="办件、任务、时限、决定。Cases, tasks, clocks, decisions.",
        routers=[tasks.router, cases.router],
        topics=TOPICS,
        consumers=CONSUMERS,
        bus=bus,
        transport=transport,
        clock=clock,
    )
