"""Guides of a version as it was published: what an application that began with it goes by."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.responses import HTMLResponse

from chassis.app import service_router
from services.catalog.api.access import Anyone
from services.catalog.api.drawing import guide_as_page, guide_as_pdf, notice_as_page, notice_as_pdf
from services.catalog.api.showing import AskedFor, GivenAnswers, IfNoneMatch, html, pdf
from services.catalog.queries.show_guide import Version, version_by_id

router = service_router("guides")


async def _kept(version_id: UUID, access: Anyone, request: Request) -> Version:
    """The transaction ends here: drawing must not hold a connection."""
    async with request.app.state.runtime.db.read() as tx:
        return await version_by_id(tx, version_id)


OneVersion = Annotated[Version, Depends(_kept)]


@router.get("/item-versions/{version_id}/guide", response_class=HTMLResponse, responses=html("The page; it works without scripts"))
async def read_version_guide_page(request: Request, version: OneVersion, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """The guide of this version as a page; it says that another version may be in force, and where."""
    return guide_as_page(request, version, asked, if_none_match)


@router.get("/item-versions/{version_id}/guide/fragment", response_class=HTMLResponse, responses=html("An article without frame or style"))
async def read_version_guide_fragment(
    request: Request, version: OneVersion, asked: AskedFor, if_none_match: IfNoneMatch = None
) -> Response:
    """The guide of this version to put into a page of the hall's: one `article`, whose headings begin at the second level."""
    return guide_as_page(request, version, asked, if_none_match, is_fragment=True)


@router.get("/item-versions/{version_id}/guide/pdf", response_class=Response, responses=pdf("PDF/UA on A4"))
async def read_version_guide_pdf(request: Request, version: OneVersion, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """The guide of this version as a document to keep and to print."""
    return await guide_as_pdf(request, version, asked, if_none_match)


@router.get("/item-versions/{version_id}/notice", response_class=HTMLResponse, responses=html("The sheet, or the next question"))
async def read_version_notice_page(
    request: Request, version: OneVersion, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """Everything at once, as this version asked it. Asks what is still open."""
    return notice_as_page(request, version, given, asked, if_none_match)


@router.get("/item-versions/{version_id}/notice/fragment", response_class=HTMLResponse, responses=html("An article without frame or style"))
async def read_version_notice_fragment(
    request: Request, version: OneVersion, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """This version's sheet to put into a page of the hall's. Every question that matters has to be answered; 422 names those that are not."""
    return notice_as_page(request, version, given, asked, if_none_match, is_fragment=True)


@router.get("/item-versions/{version_id}/notice/pdf", response_class=Response, responses=pdf("PDF/UA on A4"))
async def read_version_notice_pdf(
    request: Request, version: OneVersion, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """This version's sheet as a document. Every question that matters has to be answered; 422 names those that are not."""
    return await notice_as_pdf(request, version, given, asked, if_none_match)
