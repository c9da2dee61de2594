"""Telling records again, for services that begin to keep a copy."""

from uuid import UUID

from pydantic import Field

from chassis.app import service_router
from chassis.edge import Writes
from chassis.problems import FieldError, Invalid, Text
from chassis.schema import Body, View
from services.identity.api.access import CanOperate
from services.identity.commands.restate import Kind, restate

router = service_router("restatements")

_NO_KEY = FieldError("/after", "unknown", Text("应为上一次回答的 next", "is the `next` of the answer before"))


class RestatementBody(Body):
    kind: Kind
    after: str | None = Field(default=None, max_length=36, description="The `next` of the answer before; left out, from the beginning")


class RestatementView(View):
    count: int
    next: str | None = Field(description="Go on after this one; null: all are told")


@router.post("/restatements")
async def tell_again(_: CanOperate, body: RestatementBody, tx: Writes) -> RestatementView:
    """Emit the present state of up to 200 records of a kind, marked `is_restated`. Repeat with `next` until it is null."""
    if body.after is not None and body.kind != "department" and not _is_id(body.after):
        raise Invalid(errors=[_NO_KEY])
    count, following = await restate(tx, body.kind, after=body.after)
    return RestatementView(count=count, next=following)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
