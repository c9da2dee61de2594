"""Items: found, read, published."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Path, Query, Request, Response

from chassis.app import service_router
from chassis.edge import Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.asking import Asked, SearchText
from services.catalog.api.instants import Instant
from services.catalog.api.item_schemas import PROBLEM_CONTENT, Guide, ItemSummary, PublishedVersion, guide, guide_of, published, summary
from services.catalog.api.settled import Settled
from services.catalog.api.showing import FOREVER, REVALIDATE, is_named
from services.catalog.commands.publish_item import publish_item
from services.catalog.kept.answers import Terms
from services.catalog.kept.shortcut import may_be_kept
from services.catalog.life_errors import VersionUnknown
from services.catalog.queries.find_items import Found, find_items
from services.catalog.queries.life_in_force import life_in_force
from services.catalog.rules.content import ItemContent, LocalCode
from services.catalog.store import lives

router = service_router("items")

_ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "What you have is in force"},
    410: {"description": "The item is withdrawn; `moved_to` is the code that takes its place", **PROBLEM_CONTENT},
}

ItemPath = Annotated[LocalCode, Path(description="The item's code at its department: letters, digits, point, hyphen, underscore.")]


@router.get("/items")
async def search(
    request: Request,
    access: Anyone,
    settled: Settled,
    tx: Reads,
    asked: Asked,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[ItemSummary]:
    """Items in force that match, best first and at most 200; all of them by code where nothing is asked."""
    cursors = request.app.state.runtime.cursors(f"items:{asked}:{q}")
    position = cursors.open(cursor)
    after = (int(position[0]), str(position[1])) if position else None
    found = await find_items(tx, text=q, filters=asked, after=after, limit=limit + 1)
    page: Page[ItemSummary] = cursors.page(found, limit, position=_position, shape=_summary)
    return page


def _position(found: Found) -> tuple[int, str]:
    return found.score, found.row["local_code"]


def _summary(found: Found) -> ItemSummary:
    return summary(found.row)


@router.get("/items/{local_code}", response_model=Guide, responses=_ANSWERS)
async def read_guide(
    request: Request,
    local_code: ItemPath,
    access: Anyone,
    tx: Reads,
    response: Response,
    at: Annotated[
        Instant | None, Query(description="A date (its beginning, here) or an instant: the guide as it is in force then.")
    ] = None,
    if_none_match: Annotated[str | None, Header(description="The ETag you have.")] = None,
) -> Guide | Response:
    """The item's guide: the version in force, now or at an instant, with how the item stands then. Its ETag names just that."""
    life = await life_in_force(tx, local_code, at or tx.now)
    may_be_kept(request, Terms(local_code, since=tx.now, until=life.next_at))
    headers = {"ETag": f'"{life.tag}"', "Cache-Control": REVALIDATE}
    if is_named(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    assert life.version_id is not None
    row = await store.guide_of_version(tx, life.version_id)
    assert row is not None
    delegations = await lives.delegations_of(tx, local_code, at=life.at) if life.delegations else ()
    response.headers.update(headers)
    return guide_of(row, life, delegations)


@router.get("/item-versions/{version_id}")
async def read_version(version_id: UUID, access: Anyone, tx: Reads, response: Response) -> Guide:
    """A version as it was published; it never changes."""
    row = await store.guide_of_version(tx, version_id)
    if row is None:
        raise VersionUnknown()
    response.headers["Cache-Control"] = FOREVER
    return guide(row)


@router.put("/items/{local_code}", responses={201: {"model": PublishedVersion, "description": "A new version is in force"}})
async def publish(local_code: ItemPath, content: ItemContent, access: CanAdminister, tx: Writes, response: Response) -> PublishedVersion:
    """Load an item that was approved elsewhere: in force at once, recorded as loaded. The same content again: 200 and the version it has; other content: 201 and the next version.

    Refused with every reason at once: a promise longer than the law's limit, a material that the network can supply, a fee
    without a basis, a process without a decider, a form that is no JSON Schema, codes that do not fit together. What is written and
    reviewed here goes by `/item-drafts`.
    """
    done = await publish_item(local_code, content, tx, publisher=access)
    response.status_code = 201 if done.is_new else 200
    response.headers["ETag"] = etag(done.version_number)
    return published(local_code, done)
