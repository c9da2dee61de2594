"""Suggestions while typing, and facets of a search."""

from typing import Annotated, Literal

from fastapi import Query

from chassis.app import service_router
from chassis.edge import Reads
from chassis.schema import View
from services.catalog.api.access import Anyone
from services.catalog.api.asking import Asked, SearchText
from services.catalog.api.settled import Settled
from services.catalog.queries.count_facets import MOST_COUNTED, count_facets
from services.catalog.queries.suggest import suggest

router = service_router("finding")


class SuggestionView(View):
    """`text` is what may be meant; `name` the item it leads to."""

    text: str
    local_code: str
    name: str


class SuggestionsView(View):
    data: list[SuggestionView]


class FacetValue(View):
    """A value to narrow by, and how many of the found items have it; `name` of places and departments."""

    value: str
    name: str | None
    items: int


class FacetsView(View):
    """How the found items divide. `is_complete` is false where more were found than are counted."""

    items: int
    is_complete: bool
    region: list[FacetValue]
    authority: list[FacetValue]
    service_object: list[FacetValue]
    channel: list[FacetValue]
    reach: list[FacetValue]


@router.get("/suggestions")
async def suggestions(
    q: SearchText,
    access: Anyone,
    settled: Settled,
    tx: Reads,
    asked: Asked,
    limit: Annotated[int, Query(ge=1, le=20, description="Most suggestions.")] = 8,
) -> SuggestionsView:
    """What the text may become while it is typed: names and everyday phrases, best first; none for a text without letters."""
    found = await suggest(tx, q, asked, limit=limit)
    return SuggestionsView(data=[SuggestionView(text=one.text, local_code=one.local_code, name=one.name) for one in found])


@router.get("/item-facets")
async def facets(access: Anyone, settled: Settled, tx: Reads, asked: Asked, q: SearchText | None = None) -> FacetsView:
    """Counts of the items in force that match, under the filters given; of all of them where nothing is asked."""
    rows = await count_facets(tx, text=q, filters=asked)
    total = next(row["items"] for row in rows if row["facet"] == "all")

    def of(facet: Literal["region", "authority", "service_object", "channel", "reach"]) -> list[FacetValue]:
        return [FacetValue(value=row["value"], name=row["name"], items=row["items"]) for row in rows if row["facet"] == facet]

    return FacetsView(
        items=total,
        is_complete=q is None or total < MOST_COUNTED,
        region=of("region"),
        authority=of("authority"),
        service_object=of("service_object"),
        channel=of("channel"),
        reach=of("reach"),
    )
