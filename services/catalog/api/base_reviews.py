"""Reviews: the differences of an edition, listed, read and decided."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import CanAdminister
from services.catalog.api.base_schemas import (
    CatalogPath,
    DecisionBody,
    DecisionsBody,
    DecisionView,
    DifferenceView,
    DifferenceWithHistory,
    EditionPath,
    EditionView,
    ImplementationView,
    difference_view,
    edition_view,
    implementation_view,
)  # fmt: skip
from services.catalog.commands.decide_differences import decide_difference, decide_together
from services.catalog.errors import DifferenceUnknown, EditionUnknown
from services.catalog.queries.show_review import Shown, implementing_codes, show_differences
from services.catalog.rules.drift import DifferenceKind
from services.catalog.store import bundles as store_bundles
from services.catalog.store import drift as drift_store
from services.catalog.store.drift import Selection, Standing

router = service_router("base reviews")

Share = Annotated[float | None, Query(ge=0, le=1, description="Bound of the confidence, from 0 to 1.")]


@router.get("/base-catalogs/{catalog}/editions/{number}/differences")
async def list_differences(
    request: Request,
    catalog: CatalogPath,
    number: EditionPath,
    access: CanAdminister,
    tx: Reads,
    kind: DifferenceKind | None = None,
    decision: Standing | None = None,
    department: Annotated[str | None, Query(max_length=200, description="Exactly as the edition writes it.")] = None,
    least_confidence: Share = None,
    most_confidence: Share = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DifferenceView]:
    """What an edition changes: recoded, renamed, changed, deleted, added, each by code. Raises EditionUnknown."""
    if await drift_store.edition(tx, catalog, number) is None:
        raise EditionUnknown()
    chosen = Selection(kind, decision, department, least_confidence, most_confidence)
    cursors = request.app.state.runtime.cursors(f"base-differences:{catalog}:{number}:{chosen}")
    position = cursors.open(cursor)
    after = int(position[0]) if position else None
    rows = await drift_store.list_differences(tx, catalog, number, chosen, after=after, limit=limit + 1)
    shown = await show_differences(tx, catalog, rows)
    page: Page[DifferenceView] = cursors.page(shown, limit, position=lambda one: (one.row["position"],), shape=_view)
    return page


@router.get("/base-differences/{difference_id}")
async def read_difference(difference_id: UUID, access: CanAdminister, tx: Reads, response: Response) -> DifferenceWithHistory:
    """One difference with everything that was decided of it. Its ETag is what a decision is made against."""
    return await _whole(tx, difference_id, response)


@router.get("/base-differences/{difference_id}/implementations")
async def list_implementations(
    request: Request, difference_id: UUID, access: CanAdminister, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[ImplementationView]:
    """What the difference affects here: items in force that carry the entry out, under any code it had, each with its bundles."""
    row = await drift_store.difference(tx, difference_id)
    if row is None:
        raise DifferenceUnknown()
    cursors = request.app.state.runtime.cursors(f"base-implementations:{difference_id}")
    position = cursors.open(cursor)
    [codes] = await implementing_codes(tx, row["catalog"], [row])
    rows = await drift_store.implementations(tx, codes, after=str(position[0]) if position else None, limit=limit + 1)
    within = await store_bundles.bundles_with(tx, [row["local_code"] for row in rows])

    def shape(row: RowMapping) -> ImplementationView:
        return implementation_view(row, within[row["local_code"]])

    page: Page[ImplementationView] = cursors.page(rows, limit, position=lambda one: (one["local_code"],), shape=shape)
    return page


@router.put("/base-differences/{difference_id}/decision")
async def decide(
    difference_id: UUID, body: DecisionBody, access: CanAdminister, tx: Writes, seen: IfMatch, response: Response
) -> DifferenceWithHistory:
    """Accept, reject or postpone one difference, with the reason. Accepted, it is in force at once and final."""
    await decide_difference(difference_id, body.decision, body.reason, tx, seen=seen, decider=access.key)
    return await _whole(tx, difference_id, response)


@router.post("/base-catalogs/{catalog}/editions/{number}/decisions")
async def decide_many(catalog: CatalogPath, number: EditionPath, body: DecisionsBody, access: CanAdminister, tx: Writes) -> EditionView:
    """Decide many differences at once, all or none, and only when there are as many as you saw (`expected_count`)."""
    chosen = Selection(body.kind, body.standing, body.department, body.least_confidence)
    await decide_together(catalog, number, chosen, body.decision, body.reason, tx, expected_count=body.expected_count, decider=access.key)
    row = await drift_store.edition(tx, catalog, number)
    assert row is not None
    return edition_view(row, await drift_store.count_differences(tx, catalog, number), is_newest=True)


async def _whole(tx: Reads, difference_id: UUID, response: Response) -> DifferenceWithHistory:
    row = await drift_store.difference(tx, difference_id)
    if row is None:
        raise DifferenceUnknown()
    [shown] = await show_differences(tx, row["catalog"], [row])
    decisions = [DecisionView.model_validate(one) for one in await drift_store.decisions_of(tx, difference_id)]
    response.headers["ETag"] = etag(row["version"])
    return DifferenceWithHistory(**_view(shown).model_dump(), decisions=decisions)


def _view(shown: Shown) -> DifferenceView:
    return difference_view(shown.row, shown.latest, shown.implementation_count)
