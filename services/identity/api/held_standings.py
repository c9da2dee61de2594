"""Whether what tokens were issued upon still holds, for the suite's services, which ask at every request with such a token."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from chassis.actor import Basis
from chassis.app import service_router
from chassis.asking import AT_ONCE
from chassis.edge import Reads
from chassis.problems import FieldError, Invalid, Text
from chassis.schema import View
from services.identity.api.access import CanCheckStanding
from services.identity.queries.standing import holding

router = service_router("standings")


class StandingsView(View):
    holding: list[str] = Field(description="Those of the ones asked for that hold now")


@router.get("/standings/held")
async def held(
    _: CanCheckStanding,
    tx: Reads,
    of: Annotated[list[Annotated[str, Field(max_length=100)]], Query(max_length=AT_ONCE, description="`kind:id:version`, as in `stn`")],
) -> StandingsView:
    """One read for all of them."""
    asked: list[Basis] = []
    for text in of:
        try:
            asked.append(Basis.parse(text))
        except ValueError as error:
            raise Invalid(errors=[FieldError("query:of", "unreadable", Text("应为 kind:id:version", "must be kind:id:version"))]) from error
    return StandingsView(holding=sorted(str(one) for one in await holding(tx, asked)))
