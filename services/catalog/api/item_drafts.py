"""Drafts: written by those who keep the item, reviewed by another, published from an instant on."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.actor import Actor
from chassis.app import service_router
from chassis.edge import IfMatch, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import CanMaintainItems, CanReviewItems
from services.catalog.api.item_schemas import PublishedVersion, published
from services.catalog.api.life_schemas import (
    DraftContent,
    DraftHistory,
    DraftState,
    DraftStep,
    DraftSummary,
    DraftView,
    NewDraft,
    PublicationBody,
    ReviewBody,
    change_views,
    finding_views,
)
from services.catalog.commands.change_draft import change_draft
from services.catalog.commands.discard_draft import discard_draft
from services.catalog.commands.hands import WRITERS
from services.catalog.commands.publish_draft import publish_draft
from services.catalog.commands.publish_version import all_findings
from services.catalog.commands.review_draft import review_draft
from services.catalog.commands.start_draft import start_draft
from services.catalog.life_errors import DraftUnknown
from services.catalog.rules.comparing import Change, changes
from services.catalog.rules.content import ItemContent, LocalCode
from services.catalog.store import drafts, lives

router = service_router("item drafts")


@router.post("/item-drafts", status_code=201)
async def start(body: NewDraft, access: CanMaintainItems, tx: Writes, response: Response) -> DraftView:
    """Begin a draft of an item of one's own department, in one's region. Several may be under way; the first published wins."""
    draft_id = await start_draft(body.local_code, body.content, tx, writer=access)
    response.headers["Location"] = f"/api/catalog/v1/item-drafts/{draft_id}"
    return await _view(tx, draft_id, access, response)


@router.get("/item-drafts")
async def list_drafts(
    request: Request,
    access: CanMaintainItems,
    tx: Reads,
    state: DraftState | None = None,
    local_code: Annotated[LocalCode | None, Query(description="Only of one item.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DraftSummary]:
    """The drafts that are one's own to maintain, newest first."""
    cursors = request.app.state.runtime.cursors(f"item-drafts:{state}:{local_code}")
    position = cursors.open(cursor)
    before = UUID(str(position[0])) if position else None
    visible = drafts.seen_by(access, WRITERS)
    rows = await drafts.list_drafts(tx, visible, state=state, local_code=local_code, before=before, limit=limit + 1)
    page: Page[DraftSummary] = cursors.page(rows, limit, position=lambda row: (str(row["id"]),), shape=DraftSummary.model_validate)
    return page


@router.get("/item-drafts/{draft_id}")
async def read_draft(draft_id: UUID, access: CanMaintainItems, tx: Reads, response: Response) -> DraftView:
    """A draft, what it changes in words, and what stands against publishing it. Its ETag is what a change is made against."""
    return await _view(tx, draft_id, access, response)


@router.get("/item-drafts/{draft_id}/history")
async def read_history(draft_id: UUID, access: CanMaintainItems, tx: Reads) -> DraftHistory:
    """Everything that was done to a draft: by whom, when, and what it changed in words."""
    if await drafts.draft(tx, draft_id, drafts.seen_by(access, WRITERS)) is None:
        raise DraftUnknown()
    steps: list[DraftStep] = []
    before = None
    for row in await drafts.changes_since(tx, draft_id, 1):
        found: list[Change] = changes(before, row["content"]) if before is not None else []
        known = {name: row[name] for name in ("version", "action", "done_by", "done_by_name", "done_at")}
        steps.append(DraftStep(**known, changes=change_views(found)))
        before = row["content"]
    return DraftHistory(data=steps)


@router.put("/item-drafts/{draft_id}")
async def change(draft_id: UUID, body: DraftContent, access: CanMaintainItems, tx: Writes, seen: IfMatch, response: Response) -> DraftView:
    """Replace what a draft says. Whoever comes second is told what the first changed (412), and nothing of either is lost."""
    await change_draft(draft_id, body.content, tx, writer=access, seen=seen, based_on=body.based_on)
    return await _view(tx, draft_id, access, response)


@router.post("/item-drafts/{draft_id}/review")
async def review(draft_id: UUID, body: ReviewBody, access: CanReviewItems, tx: Writes, seen: IfMatch, response: Response) -> DraftView:
    """Approve what others wrote, or return it. Nobody reviews what they had a hand in."""
    await review_draft(draft_id, body.verdict, body.opinion, tx, reviewer=access, seen=seen)
    return await _view(tx, draft_id, access, response)


@router.post("/item-drafts/{draft_id}/publication", status_code=201)
async def publish(
    draft_id: UUID, body: PublicationBody, access: CanMaintainItems, tx: Writes, seen: IfMatch, response: Response
) -> PublishedVersion:
    """Publish a reviewed draft, at once or from an instant that lies ahead; from then on the version never changes."""
    local_code, done = await publish_draft(draft_id, body.effective_from, tx, publisher=access, seen=seen)
    response.headers["Location"] = f"/api/catalog/v1/item-versions/{done.version_id}"
    return published(local_code, done)


@router.delete("/item-drafts/{draft_id}")
async def discard(draft_id: UUID, access: CanMaintainItems, tx: Writes, seen: IfMatch, response: Response) -> DraftView:
    """Give a draft up; it stays readable."""
    await discard_draft(draft_id, tx, writer=access, seen=seen)
    return await _view(tx, draft_id, access, response)


async def _view(tx: Reads, draft_id: UUID, actor: Actor, response: Response) -> DraftView:
    row = await drafts.draft(tx, draft_id, drafts.seen_by(actor, WRITERS))
    if row is None:
        raise DraftUnknown()
    base = await lives.version_of_number(tx, row["local_code"], row["based_on"])
    item = ItemContent.model_validate(row["content"])
    response.headers["ETag"] = etag(row["version"])
    return DraftView(
        **{name: row[name] for name in DraftSummary.model_fields},
        content=item,
        changes=change_views(changes(base["content"], row["content"])) if base else [],
        findings=finding_views(await all_findings(item, tx)),
    )
