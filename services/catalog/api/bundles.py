"""Bundles (一件事): found, read, planned, checked, published, withdrawn."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import IfMatch, IfMatchOrNew, Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.api.bundle_schemas import (
    BundleCheckView,
    BundlePath,
    BundleSummary,
    BundleVersionView,
    BundleView,
    PlannedItem,
    PlanView,
    PublishedBundleView,
    VersionLine,
    WithdrawalBody,
    bundle_summary,
    bundle_view,
    check_view,
    version_view,
)  # fmt: skip
from services.catalog.commands.publish_bundle import publish_bundle
from services.catalog.commands.withdraw_bundle import withdraw_bundle
from services.catalog.errors import BundleUnknown
from services.catalog.queries.assemble_bundle import assemble_bundle
from services.catalog.queries.plan_bundle import plan_bundle
from services.catalog.rules.bundle import BundleContent
from services.catalog.rules.content import LocalCode
from services.catalog.rules.regions import RegionCode, lineage
from services.catalog.store import bundles as store_bundles

router = service_router("bundles")

_FOREVER = "public, max-age=31536000, immutable"


@router.get("/bundles")
async def list_bundles(
    request: Request,
    access: Anyone,
    tx: Reads,
    region: Annotated[RegionCode | None, Query(description="A place; its own bundles and those of the places above it.")] = None,
    item: Annotated[LocalCode | None, Query(description="Only bundles that this item is in.")] = None,
    outdated: Annotated[bool | None, Query(description="Only those of which an item has changed since, or only the others.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[BundleSummary]:
    """Bundles in force, by code."""
    cursors = request.app.state.runtime.cursors(f"bundles:{region}:{item}:{outdated}")
    position = cursors.open(cursor)
    after = str(position[0]) if position else None
    regions = lineage(region) if region else None
    rows = await store_bundles.list_bundles(tx, regions=regions, item=item, is_outdated=outdated, after=after, limit=limit + 1)
    page: Page[BundleSummary] = cursors.page(rows, limit, position=lambda row: (row["code"],), shape=bundle_summary)
    return page


@router.get("/bundles/{code}")
async def read_bundle(code: BundlePath, access: Anyone, tx: Reads, response: Response) -> BundleView:
    """A bundle with its one guide; a withdrawn one says so. Its ETag is what a change is made against."""
    standing, version = await _standing(tx, code)
    response.headers.update({"ETag": etag(standing["revision"]), "Cache-Control": "public, no-cache"})
    return bundle_view(standing, version, await store_bundles.changed_members(tx, code))


@router.get("/bundles/{code}/plan")
async def plan(
    code: BundlePath,
    access: Anyone,
    tx: Reads,
    start: Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 12, 31), description="The day on which the first items begin.")],
) -> PlanView:
    """When each item is due at the latest, and all of them, if the first begin on a day and each of the others as soon as it may."""
    standing, version = await _standing(tx, code)
    view = version_view(version, standing["version_id"])
    timed = await plan_bundle(view.guide, start, tx)
    names = {one.local_code: one.name for one in view.guide.items}
    items = [
        PlannedItem(
            local_code=one.code,
            name=names[one.code],
            begins_on=one.begins_on,
            due_on=one.due.date,
            is_provisional=one.due.is_provisional,
        )
        for one in timed
    ]
    last = max(one.due_on for one in items)
    return PlanView(code=code, start=start, due_on=last, is_provisional=any(one.is_provisional for one in items), items=items)


@router.get("/bundles/{code}/versions")
async def list_versions(
    request: Request, code: BundlePath, access: Anyone, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[VersionLine]:
    """All versions, newest first."""
    await _standing(tx, code)
    cursors = request.app.state.runtime.cursors(f"bundle-versions:{code}")
    position = cursors.open(cursor)
    rows = await store_bundles.list_versions(tx, code, after=int(position[0]) if position else None, limit=limit + 1)
    page: Page[VersionLine] = cursors.page(rows, limit, position=lambda row: (row["number"],), shape=VersionLine.model_validate)
    return page


@router.get("/bundle-versions/{version_id}")
async def read_version(version_id: UUID, access: Anyone, tx: Reads, response: Response) -> BundleVersionView:
    """A version as it was published; it never changes."""
    row = await store_bundles.bundle_version(tx, version_id)
    if row is None:
        raise BundleUnknown()
    response.headers["Cache-Control"] = _FOREVER
    return version_view(row, version_id)


@router.post("/bundle-checks")
async def check(content: BundleContent, access: CanAdminister, tx: Reads) -> BundleCheckView:
    """The guide that publishing this would make, conflicts between its items, and all that stands against it. Nothing is kept."""
    return check_view(await assemble_bundle(content, tx))


@router.put("/bundles/{code}", responses={201: {"model": PublishedBundleView, "description": "A new version is in force"}})
async def publish(
    code: BundlePath, content: BundleContent, access: CanAdminister, tx: Writes, seen: IfMatchOrNew, response: Response
) -> PublishedBundleView:
    """Publish a bundle of the items as they are in force. The same, of the same versions, again: 200 and the version it has.

    Refused with every reason at once: an item that is not in force, an order in a circle, a result needed before it is made, and
    every conflict between items that is not settled. With If-Match, refused also where somebody changed it meanwhile.
    """
    done = await publish_bundle(code, content, tx, publisher=access.key, seen=seen)
    response.status_code = 201 if done.is_new else 200
    response.headers["ETag"] = etag(done.revision)
    known = {"version_id": done.version_id, "version_number": done.version_number, "revision": done.revision, "is_new": done.is_new}
    return PublishedBundleView(code=code, **known)


@router.post("/bundles/{code}/withdrawal")
async def withdraw(
    code: BundlePath, body: WithdrawalBody, access: CanAdminister, tx: Writes, seen: IfMatch, response: Response
) -> BundleView:
    """Offer it no more, with the reason. Its versions stay readable; publishing it again brings it back."""
    revision = await withdraw_bundle(code, body.reason, tx, seen=seen)
    response.headers["ETag"] = etag(revision)
    standing, version = await _standing(tx, code)
    return bundle_view(standing, version, await store_bundles.changed_members(tx, code))


async def _standing(tx: Reads, code: str) -> tuple[RowMapping, RowMapping]:
    """How it stands, and its version. Raises BundleUnknown."""
    standing = await store_bundles.bundle(tx, code)
    version = await store_bundles.bundle_version(tx, standing["version_id"]) if standing is not None else None
    if standing is None or version is None:
        raise BundleUnknown()
    return standing, version
