"""Items: found, read, published."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Request, Response

from chassis.app import service_router
from chassis.edge import Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.asking import Asked, SearchText
from services.catalog.api.item_schemas import Guide, ItemSummary, PublishedVersion, guide, summary
from services.catalog.api.showing import FOREVER, REVALIDATE
from services.catalog.commands.publish_item import publish_item
from services.catalog.errors import ItemUnknown
from services.catalog.kept.answers import Terms
from services.catalog.kept.shortcut import is_seen, may_be_kept
from services.catalog.queries.find_items import Found, find_items
from services.catalog.queries.show_guide import guide_in_force
from services.catalog.rules.content import ItemContent, LocalCode

router = service_router("items")

ItemPath = Annotated[LocalCode, Path(description="The item's code at its department: letters, digits, point, hyphen, underscore.")]


@router.get("/items")
async def search(
    request: Request, access: Anyone, tx: Reads, asked: Asked, q: SearchText | None = None, limit: Limit = 20, cursor: Cursor = None
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


@router.get("/items/{local_code}", response_model=Guide, responses={304: {"description": "The version you have is in force"}})
async def read_guide(
    request: Request,
    local_code: ItemPath,
    access: Anyone,
    tx: Reads,
    response: Response,
    if_none_match: Annotated[str | None, Header(description="The ETag you have.")] = None,
) -> Guide | Response:
    """The item's guide: the version in force. Its ETag is the version's number."""
    row, in_force = await guide_in_force(tx, local_code)
    may_be_kept(request, Terms(local_code, in_force.since, in_force.until))
    headers = {"ETag": etag(row["version_number"]), "Cache-Control": REVALIDATE}
    if if_none_match and is_seen(if_none_match.encode("latin-1", "replace"), headers["ETag"].encode()):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return guide(row)


@router.get("/item-versions/{version_id}")
async def read_version(version_id: UUID, access: Anyone, tx: Reads, response: Response) -> Guide:
    """A version as it was published; it never changes."""
    row = await store.guide_of_version(tx, version_id)
    if row is None:
        raise ItemUnknown()
    response.headers["Cache-Control"] = FOREVER
    return guide(row)


@router.put("/items/{local_code}", responses={201: {"model": PublishedVersion, "description": "A new version is in force"}})
async def publish(local_code: ItemPath, content: ItemContent, access: CanAdminister, tx: Writes, response: Response) -> PublishedVersion:
    """Publish an item. The same content again: 200 and the version it has; other content: 201 and the next version.

    Refused with every reason at once: a promise longer than the law's limit, a material that the network can supply, a fee
    without a basis, a process without a decider, a form that is no JSON Schema, codes that do not fit together.
    """
    done = await publish_item(local_code, content, tx, publisher=access.key)
    response.status_code = 201 if done.is_new else 200
    response.headers["ETag"] = etag(done.version_number)
    return PublishedVersion(local_code=local_code, version_id=done.version_id, version_number=done.version_number, is_new=done.is_new)
