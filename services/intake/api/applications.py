"""Applications, as their applicants see and change them."""

from uuid import UUID

from fastapi import Response
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.database import ReadTx
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.problems import NotFound
from chassis.runtime import Runtime
from chassis.schema import Body
from services.intake import store
from services.intake.api.access import CanApply
from services.intake.api.beforehand import LateMatches, Situated, Started
from services.intake.api.shapes import Answers, ApplicationLine, ApplicationView, Running, application_view, line_view
from services.intake.commands.change_form import change_form
from services.intake.commands.change_situation import change_situation
from services.intake.commands.fill_materials import fill_materials
from services.intake.commands.start_application import start_application
from services.intake.commands.submit_application import submit_application
from services.intake.commands.withdraw_application import withdraw_application
from services.intake.errors import LibraryUnanswered
from services.intake.rules.application import Application
from services.intake.rules.materials import Standing

router = service_router("applications")


class FormBody(Body):
    """The whole form; it replaces the one before."""

    form: Answers


@router.post("/applications", status_code=201)
async def start(actor: CanApply, started: Started, tx: Writes, running: Running, response: Response) -> ApplicationView:
    """Begin an application: a draft whose materials are filled from the certificate library first.

    What the library has is not asked. While the library is away its materials are `pending_library`: fill them later, or submit.
    """
    draft = await start_application(tx, actor, started, running.keys)
    response.headers["Location"] = f"/api/intake/v1/applications/{draft.id}"
    return await _answer(tx, draft, running, response)


@router.get("/applications")
async def list_own(actor: CanApply, tx: Reads, running: Running, limit: Limit = 20, cursor: Cursor = None) -> Page[ApplicationLine]:
    """One's own applications, or the organisation's one acts for, newest first."""
    cursors = running.cursors(f"applications:{actor.subject}:{sorted(actor.limited_to)}")
    position = cursors.open(cursor)
    rows = await store.own_summaries(tx, store.owned_by(actor), limit=limit + 1, after=UUID(position[0]) if position else None)
    page: Page[ApplicationLine] = cursors.page(rows, limit, position=_position, shape=line_view)
    return page


def _position(row: RowMapping) -> tuple[str]:
    return (str(row["id"]),)


@router.get("/applications/{application_id}")
async def read(application_id: UUID, actor: CanApply, tx: Reads, running: Running, response: Response) -> ApplicationView:
    """One application, whole."""
    application = await store.application(tx, application_id, store.owned_by(actor))
    if application is None:
        raise NotFound()
    return await _answer(tx, application, running, response)


@router.put("/applications/{application_id}/form")
async def replace_form(
    application_id: UUID, actor: CanApply, body: FormBody, seen: IfMatch, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Replace a draft's form. It may be incomplete; submission checks it."""
    draft = await change_form(tx, actor, application_id, body.form, seen=seen, keys=running.keys)
    return await _answer(tx, draft, running, response)


@router.put("/applications/{application_id}/situation")
async def answer_otherwise(
    application_id: UUID, actor: CanApply, change: Situated, seen: IfMatch, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Answer the item's questions otherwise. What was filled in or uploaded and is still asked stays; what is asked no more is forgotten.

    The draft goes on with the item as it is in force now.
    """
    draft = await change_situation(tx, actor, application_id, change, seen=seen, keys=running.keys)
    return await _answer(tx, draft, running, response)


@router.post("/applications/{application_id}/fill")
async def fill(
    application_id: UUID, actor: CanApply, matches: LateMatches, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Ask the certificate library again for the materials it has not answered for; 503 while it is still away."""
    draft = await fill_materials(tx, actor, application_id, matches)
    if matches is None and any(m.standing is Standing.PENDING_LIBRARY for m in await store.materials_of(tx, draft.id)):
        raise LibraryUnanswered()
    return await _answer(tx, draft, running, response)


@router.post("/applications/{application_id}/submit")
async def submit(
    application_id: UUID, actor: CanApply, seen: IfMatch, matches: LateMatches, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Submit: numbered, and at the window. Everything missing or wrong is said at once, in errors[]."""
    submitted = await submit_application(tx, actor, application_id, seen=seen, matches=matches, keys=running.keys)
    return await _answer(tx, submitted, running, response)


@router.post("/applications/{application_id}/withdraw")
async def withdraw(
    application_id: UUID, actor: CanApply, seen: IfMatch, tx: Writes, running: Running, response: Response
) -> ApplicationView:
    """Withdraw, at any time before the decision."""
    withdrawn = await withdraw_application(tx, actor, application_id, seen=seen)
    return await _answer(tx, withdrawn, running, response)


async def _answer(tx: ReadTx, application: Application, running: Runtime, response: Response) -> ApplicationView:
    response.headers["ETag"] = etag(application.version)
    materials = await store.materials_of(tx, application.id)
    receipt = await store.receipt_of(tx, application.id) if application.times.accepted_at else None
    return application_view(application, materials, receipt, running)
