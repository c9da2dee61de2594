"""The process of an item as a picture (SVG) and as BPMN 2.0, of the version in force and of every version there was."""

from collections.abc import Callable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Header, Query, Response
from sqlalchemy import RowMapping

from chassis import context
from chassis.app import service_router
from chassis.edge import Reads
from services.catalog import store
from services.catalog.api.access import Anyone
from services.catalog.api.item_schemas import guide
from services.catalog.api.items import ItemPath
from services.catalog.errors import ItemUnknown
from services.catalog.queries.life_in_force import life_in_force
from services.catalog.rules.process import plan_of
from services.catalog.rules.process.bpmn import process_bpmn
from services.catalog.rules.process.svg import process_svg
from services.catalog.rules.process.words import Language, say

router = service_router("process pictures")

_REVALIDATE = "public, no-cache"
_A_DAY = "public, max-age=86400"
"""A version never changes; how it is drawn may become better."""
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}
_SVG, _BPMN = "image/svg+xml", "application/xml"


def _document(media_type: str, what: str) -> dict[int | str, dict[str, object]]:
    schema = {"schema": {"type": "string"}}
    return {200: {"description": what, "content": {media_type: schema}}, 304: {"description": "The version you have is in force"}}


AsLanguage = Annotated[
    Literal["zh", "en"] | None, Query(description="The language of what it says; without it, the one the reader accepts.")
]
Known = Annotated[str | None, Header(description="The ETag you have.")]
Draw = Callable[[RowMapping, Language], bytes]


@router.get("/items/{local_code}/process.svg", response_class=Response, responses=_document(_SVG, "The picture"))
async def current_svg(
    local_code: ItemPath, access: Anyone, tx: Reads, language: AsLanguage = None, if_none_match: Known = None
) -> Response:
    """The process of the item in force, drawn."""
    return _answer(await _current(local_code, tx), _svg, _SVG, language, if_none_match, _REVALIDATE)


@router.get("/items/{local_code}/process.bpmn", response_class=Response, responses=_document(_BPMN, "BPMN 2.0 with its diagram"))
async def current_bpmn(
    local_code: ItemPath, access: Anyone, tx: Reads, language: AsLanguage = None, if_none_match: Known = None
) -> Response:
    """The process of the item in force, for a modeller."""
    return _answer(await _current(local_code, tx), _bpmn, _BPMN, language, if_none_match, _REVALIDATE)


@router.get("/item-versions/{version_id}/process.svg", response_class=Response, responses=_document(_SVG, "The picture"))
async def version_svg(version_id: UUID, access: Anyone, tx: Reads, language: AsLanguage = None, if_none_match: Known = None) -> Response:
    """The process of a version, drawn; it never changes."""
    return _answer(await store.guide_of_version(tx, version_id), _svg, _SVG, language, if_none_match, _A_DAY)


@router.get("/item-versions/{version_id}/process.bpmn", response_class=Response, responses=_document(_BPMN, "BPMN 2.0 with its diagram"))
async def version_bpmn(version_id: UUID, access: Anyone, tx: Reads, language: AsLanguage = None, if_none_match: Known = None) -> Response:
    """The process of a version, for a modeller; it never changes."""
    return _answer(await store.guide_of_version(tx, version_id), _bpmn, _BPMN, language, if_none_match, _A_DAY)


async def _current(local_code: str, tx: Reads) -> RowMapping | None:
    """Raises ItemUnknown, and what a withdrawn item raises."""
    life = await life_in_force(tx, local_code, tx.now)
    assert life.version_id is not None
    return await store.guide_of_version(tx, life.version_id)


def _svg(row: RowMapping, language: Language) -> bytes:
    item = guide(row)
    return process_svg(say(language, item.name, item.name_en or item.name), plan_of(item), item.promised_limit.unit, language)


def _bpmn(row: RowMapping, language: Language) -> bytes:
    item = guide(row)
    return process_bpmn(say(language, item.name, item.name_en or item.name), plan_of(item), item.promised_limit.unit, language)


def _answer(
    row: RowMapping | None, draw: Draw, media_type: str, language: Language | None, if_none_match: str | None, caching: str
) -> Response:
    """Raises ItemUnknown."""
    if row is None:
        raise ItemUnknown()
    spoken = language or context.language()
    tag = f'"{row["version_number"]}-{spoken}"'
    headers = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Language", "Content-Language": "zh-CN" if spoken == "zh" else "en"}
    seen = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    if tag in seen or "*" in seen:
        return Response(status_code=304, headers=headers)
    return Response(draw(row, spoken), media_type=media_type, headers={**headers, **_ALONE})
