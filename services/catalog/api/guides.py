"""Guides of what is in force: on a page, in a page of the hall's, on paper; and everything at once, for a situation."""

from typing import Annotated

from fastapi import Depends, Path, Request, Response
from starlette.responses import HTMLResponse

from chassis.app import service_router
from services.catalog.api.access import Anyone
from services.catalog.api.drawing import gone_as_page, guide_as_page, guide_as_pdf, guide_as_qr, notice_as_page, notice_as_pdf
from services.catalog.api.showing import GONE, GONE_PAGE, AskedFor, GivenAnswers, IfNoneMatch, html, pdf
from services.catalog.life_errors import ItemWithdrawn
from services.catalog.queries.show_guide import Version, version_in_force
from services.catalog.rules.content import LocalCode

router = service_router("guides")

ItemPath = Annotated[LocalCode, Path(description="The item's code at its department: letters, digits, point, hyphen, underscore.")]


async def _in_force(local_code: ItemPath, access: Anyone, request: Request) -> Version:
    """The transaction ends here: drawing must not hold a connection."""
    async with request.app.state.runtime.db.read() as tx:
        return await version_in_force(tx, local_code)


async def _in_force_or_gone(local_code: ItemPath, access: Anyone, request: Request) -> Version | ItemWithdrawn:
    """A person who scans old paper is to get a page, not a problem document."""
    try:
        return await _in_force(local_code, access, request)
    except ItemWithdrawn as gone:
        return gone


InForceVersion = Annotated[Version, Depends(_in_force)]
InForceOrGone = Annotated[Version | ItemWithdrawn, Depends(_in_force_or_gone)]


@router.get("/items/{local_code}/guide", response_class=HTMLResponse, responses=html("The page; it works without scripts") | GONE_PAGE)
async def read_guide_page(request: Request, version: InForceOrGone, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """The guide in force as a page for people: on the screen, for screen readers, and on A4 in print."""
    if isinstance(version, ItemWithdrawn):
        return gone_as_page(request, version, asked)
    return guide_as_page(request, version, asked, if_none_match)


@router.get("/items/{local_code}/guide/fragment", response_class=HTMLResponse, responses=html("An article without frame or style") | GONE)
async def read_guide_fragment(request: Request, version: InForceVersion, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """The guide in force to put into a page of the hall's: one `article`, whose headings begin at the second level."""
    return guide_as_page(request, version, asked, if_none_match, is_fragment=True)


@router.get("/items/{local_code}/guide/pdf", response_class=Response, responses=pdf("PDF/UA on A4") | GONE)
async def read_guide_pdf(request: Request, version: InForceVersion, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """The guide in force as a document to keep and to print."""
    return await guide_as_pdf(request, version, asked, if_none_match)


@router.get(
    "/items/{local_code}/guide/qr",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "SVG"}, 304: {"description": "It has not changed"}, **GONE},
)
async def read_guide_qr(request: Request, version: InForceVersion, asked: AskedFor, if_none_match: IfNoneMatch = None) -> Response:
    """A QR code that leads to the guide in force; who scans it from old paper is told that the paper is old."""
    return guide_as_qr(request, version, asked, if_none_match)


@router.get("/items/{local_code}/notice", response_class=HTMLResponse, responses=html("The sheet, or the next question") | GONE_PAGE)
async def read_notice_page(
    request: Request, version: InForceOrGone, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """Everything at once for a situation (一次性告知): exact materials, form, places, limits, fees, remedies. Asks what is still open."""
    if isinstance(version, ItemWithdrawn):
        return gone_as_page(request, version, asked)
    return notice_as_page(request, version, given, asked, if_none_match)


@router.get("/items/{local_code}/notice/fragment", response_class=HTMLResponse, responses=html("An article without frame or style") | GONE)
async def read_notice_fragment(
    request: Request, version: InForceVersion, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """The sheet to put into a page of the hall's. Every question that matters has to be answered; 422 names those that are not."""
    return notice_as_page(request, version, given, asked, if_none_match, is_fragment=True)


@router.get("/items/{local_code}/notice/pdf", response_class=Response, responses=pdf("PDF/UA on A4") | GONE)
async def read_notice_pdf(
    request: Request, version: InForceVersion, asked: AskedFor, given: GivenAnswers, if_none_match: IfNoneMatch = None
) -> Response:
    """The sheet as a document to print at the window. Every question that matters has to be answered; 422 names those that are not."""
    return await notice_as_pdf(request, version, given, asked, if_none_match)
