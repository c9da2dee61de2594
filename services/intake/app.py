"""Intake's app: wiring only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bus import Bus
from chassis.app import create_service
from chassis.clock import Clock
from chassis.http import Transport
from chassis.runtime import Runtime
from services.intake.api import applications, materials, receipts, window
from services.intake.clients.catalog import CatalogClient
from services.intake.consumers import ALL
from services.intake.events import TOPIC
from services.intake.files import FolderFileStore
from services.intake.settings import IntakeSettings
from services.intake.tables import metadata

__all__ = ["create_app", "metadata"]

CONSUMERS = ALL
TOPICS = (TOPIC,)


def create_app(
    settings: IntakeSettings | None = None, *, bus: Bus | None = None, transport: Transport | None = None, clock: Clock | None = None
) -> FastAPI:
    """The service; `bus` and `transport` are given where several services share a process."""
    chosen = settings or IntakeSettings()

    @asynccontextmanager
    async def open_parts(runtime: Runtime) -> AsyncIterator[None]:
        files = FolderFileStore(chosen.files_dir, runtime.keys.seed_for("files"))
        files.open()
        runtime.parts["files"] = files
        runtime.parts["catalog"] = CatalogClient(runtime.http, keep_seconds=chosen.item_cache_seconds, clock=runtime.clock)
        yield

    return create_service(
        chosen,
        title="通办 intake",
        description="申请：草稿、材料、提交、受理、回执与进度。Applications: drafts, materials, submission, acceptance, receipts, tracking.",
        routers=[applications.router, materials.router, window.router, receipts.router],
        topics=TOPICS,
        consumers=CONSUMERS,
        alongside=[open_parts],
        bus=bus,
        transport=transport,
        clock=clock,
    )
