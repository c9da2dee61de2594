"""Telling again, for services that came late, how everything of a kind stands."""

from typing import Annotated

from fastapi import Path, Query, Request

from chassis.app import service_router
from chassis.edge import Writes
from chassis.pagination import Cursor
from chassis.schema import View
from services.catalog.api.access import CanAdminister
from services.catalog.commands.tell_again import Retold, tell_again

router = service_router("retellings")


class RetoldView(View):
    """How many events were told; go on with `next_cursor` until there is none."""

    kind: Retold
    count: int
    next_cursor: str | None


@router.post("/retellings/{kind}")
async def tell(
    request: Request,
    kind: Annotated[Retold, Path(description="What is told again.")],
    access: CanAdminister,
    tx: Writes,
    limit: Annotated[int, Query(ge=1, le=2000, description="At most so many now.")] = 1000,
    cursor: Cursor = None,
) -> RetoldView:
    """Tell how the next of these records stand, as new events with full state. A copy that is up to date already stays as it is."""
    cursors = request.app.state.runtime.cursors(f"retellings:{kind}")
    position = cursors.open(cursor)
    page = await tell_again(kind, tx, after=str(position[0]) if position else None, limit=limit)
    return RetoldView(kind=kind, count=page.count, next_cursor=cursors.seal((page.last,)) if page.last is not None else None)
