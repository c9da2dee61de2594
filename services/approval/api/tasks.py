"""Tasks: the queue of a desk, claiming, completing."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, CursorInvalid, Limit, Page
from chassis.schema import Body, View
from services.approval import store
from services.approval.api.access import CanWorkCases
from services.approval.commands.claim_task import claim_task
from services.approval.commands.complete_task import Completion, complete_task
from services.approval.commands.desk import grants_of
from services.approval.queries.cases import reading

router = service_router("tasks")


class TaskView(View):
    """One step of a case to be done. `version` is the ETag of the task."""

    id: UUID
    case_id: UUID
    key: str
    name: str
    kind: Literal["review", "decide"]
    post: str
    grade: int
    round: int = Field(description="1 the first time the step is done; more after a return.")
    state: Literal["open", "claimed", "completed", "cancelled"]
    version: int
    opened_at: datetime
    claimed_by: UUID | None
    claimed_by_name: str | None
    claimed_at: datetime | None
    completed_at: datetime | None
    outcome: Literal["pass", "return", "grant", "refuse"] | None
    opinion: str | None


class QueuedTaskView(TaskView):
    """A task with what a desk needs to choose by. No personal data: that is in the case's file."""

    case_number: str
    application_number: str
    item_name: str
    due_on: date
    working_days_left: int
    light: Literal["green", "yellow", "red"]


class CompletionBody(Body):
    """How the task ends. A review: `pass`, or `return` to the step before. A decision: `grant`, `refuse`, or `return`."""

    outcome: Literal["pass", "return", "grant", "refuse"]
    opinion: str = Field(default="", max_length=2000, description="What the next hand should know; required for `return`.")
    reasons: str = Field(default="", max_length=2000, description="Why, as the applicant will read it; required for `refuse`.")
    remedies: str = Field(default="", max_length=2000, description="How to contest it; required for `refuse` (Licensing Law art. 38).")


@router.get("/tasks")
async def list_tasks(
    request: Request,
    actor: CanWorkCases,
    tx: Reads,
    state: Annotated[Literal["open", "claimed", "completed"], Query(description="Which tasks of your department's posts.")] = "open",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[QueuedTaskView]:
    """Tasks that your posts may do, your own and those delegated to you, oldest first."""
    cursors = request.app.state.runtime.cursors(f"tasks:{state}")
    rows = await store.queue(tx, grants=grants_of(actor), state=state, after=_position(cursors.open(cursor)), limit=limit + 1)
    calendar = await store.working_calendar(tx)

    def shape(row: RowMapping) -> QueuedTaskView:
        clock = reading(row, tx, calendar)
        facts = {"item_name": row["item"]["name"], "working_days_left": clock.working_days_left, "light": clock.light}
        return QueuedTaskView.model_validate({**row, **facts})

    page: Page[QueuedTaskView] = cursors.page(rows, limit, position=lambda row: [str(row["id"])], shape=shape)
    return page


@router.post("/tasks/{task_id}/claim")
async def claim(task_id: UUID, actor: CanWorkCases, tx: Writes, response: Response) -> TaskView:
    """Take a task off the queue; nobody else can complete it then. The answer's ETag is needed to complete it."""
    return _answer(await claim_task(task_id, actor, tx), response)


@router.post("/tasks/{task_id}/complete")
async def complete(task_id: UUID, body: CompletionBody, actor: CanWorkCases, seen: IfMatch, tx: Writes, response: Response) -> TaskView:
    """Complete a task you claimed: the case goes on, goes back a step, or is decided. Nobody decides what they reviewed."""
    completion = Completion(body.outcome, body.opinion, body.reasons, body.remedies)
    return _answer(await complete_task(task_id, seen, completion, actor, tx), response)


def _answer(task: RowMapping, response: Response) -> TaskView:
    response.headers["ETag"] = etag(task["version"])
    return TaskView.model_validate(dict(task))


def _position(opened: list[object] | None) -> UUID | None:
    """The last task of the page before. Raises CursorInvalid for a cursor of another shape."""
    if opened is None:
        return None
    try:
        return UUID(str(opened[0]))
    except (ValueError, IndexError) as error:
        raise CursorInvalid() from error
