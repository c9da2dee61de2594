"""The window: any clerk takes any item of any department, for applicants of the clerk's region."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import RowMapping

from chassis import audit
from chassis.app import service_router
from chassis.database import ReadTx
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import NotFound
from chassis.runtime import Runtime
from chassis.schema import Body
from services.intake import store
from services.intake.api.access import CanAttend, visible_to
from services.intake.api.shapes import ApplicationLine, ApplicationView, ReceiptView, Running, application_view, line_view, receipt_view
from services.intake.commands.accept_application import accept_application
from services.intake.commands.refuse_application import refuse_application
from services.intake.rules.application import Application, Refusal
from services.intake.rules.lifecycle import State

router = service_router("window")

WindowState = Annotated[
    Literal["submitted", "accepted", "refused", "withdrawn", "concluded", "delivered"], Query(description="Where the applications stand.")
]


class RefusalBody(Body):
    """Why it is not accepted, and what the applicant can do about it."""

    reasons: str = Field(min_length=2, max_length=2000)
    remedies: str = Field(min_length=2, max_length=2000)


@router.get("/window/applications")
async def list_waiting(
    actor: CanAttend, tx: Reads, running: Running, state: WindowState = "submitted", limit: Limit = 20, cursor: Cursor = None
) -> Page[ApplicationLine]:
    """Applications of the clerk's region and below, of every department; who has waited longest comes first."""
    cursors = running.cursors(f"window:{actor.region}:{state}")
    position = cursors.open(cursor)
    after = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None
    rows = await store.window_summaries(tx, visible_to(actor), state=State(state), limit=limit + 1, after=after)
    page: Page[ApplicationLine] = cursors.page(rows, limit, position=_position, shape=line_view)
    return page


def _position(row: RowMapping) -> tuple[str, str]:
    return row["submitted_at"].isoformat(), str(row["id"])


@router.get("/window/applications/{application_id}")
async def examine(application_id: UUID, actor: CanAttend, tx: Writes, running: Running, response: Response) -> ApplicationView:
    """One application with its form and materials. The reading is recorded."""
    application = await store.application(tx, application_id, visible_to(actor))
    if application is None:
        raise NotFound()
    fields = ["applicant", "form", "materials"]
    await audit.record_read(tx, actor, subject=application.applicant.holder_index, fields=fields, purpose="window.examine")
    return await _answer(tx, application, running, response)


@router.post("/window/applications/{application_id}/accept")
async def accept(application_id: UUID, actor: CanAttend, seen: IfMatch, tx: Writes, running: Running, response: Response) -> ReceiptView:
    """Accept: the clock of the promised limit starts, and the receipt says until when. The ETag is the application's."""
    accepted, receipt = await accept_application(tx, actor, application_id, visible_to(actor), seen=seen, keys=running.keys)
    response.headers["ETag"] = etag(accepted.version)
    return receipt_view(accepted, receipt, running.settings.public_url)


@router.post("/window/applications/{application_id}/refuse")
async def refuse(
    application_id: UUID, actor: CanAttend, body: RefusalBody, seen: IfMatch, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Refuse to accept, with reasons and remedies."""
    refusal = Refusal(reasons=body.reasons, remedies=body.remedies)
    refused = await refuse_application(tx, actor, application_id, visible_to(actor), refusal, seen=seen)
    return await _answer(tx, refused, running, response)


async def _answer(tx: ReadTx, application: Application, running: Runtime, response: Response) -> ApplicationView:
    response.headers["ETag"] = etag(application.version)
    materials = await store.materials_of(tx, application.id)
    return application_view(application, materials, await store.receipt_of(tx, application.id), running)
