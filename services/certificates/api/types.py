"""The directory of certificate types."""

from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes, etag
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.certificates import store
from services.certificates.api.access import AnyoneSeesDirectory, CanKeepDirectory
from services.certificates.api.runtime import Running
from services.certificates.api.shapes import TypeCodeInPath
from services.certificates.commands.publish_type import PublishType, publish_type
from services.certificates.rules.certificates import HolderKind

router = service_router("certificate-types")


class TypeBody(Body):
    """A certificate type as its defining authority states it."""

    name: str = Field(min_length=1, max_length=100)
    name_en: str = Field(min_length=1, max_length=200)
    holder_kind: HolderKind
    number_prefix: str = Field(default="", max_length=20, pattern=r"^[0-9A-Z\u4e00-\u9fff]*$", description="Before the numbers given here.")
    validity_months: int | None = Field(default=None, ge=1, le=1200, description="Null: it does not run out.")
    elements: dict[str, Any] = Field(
        description="JSON Schema 2020-12 of the elements: a flat object, in the order of the printed lines; `title` and `x-title-en`"
        " are their labels, `x-form-fields` names application fields that fill one."
    )


class TypeView(View):
    """One version of a type."""

    code: str
    version: int
    name: str
    name_en: str
    holder_kind: HolderKind
    number_prefix: str
    validity_months: int | None
    elements: dict[str, Any]
    published_at: datetime


def _view(row: RowMapping) -> TypeView:
    return TypeView(**{name: row[name] for name in TypeView.model_fields})


@router.put("/certificate-types/{code}", status_code=200, responses={201: {"model": TypeView, "description": "A new version"}})
async def put_certificate_type(code: TypeCodeInPath, body: TypeBody, actor: CanKeepDirectory, tx: Writes, response: Response) -> TypeView:
    """Publish a type: 201 with a new version, or 200 with the current one when nothing is different."""
    if await publish_type(PublishType(code=code, **body.model_dump()), tx):
        response.status_code = 201
    row = await store.current_type(tx, code)
    assert row is not None
    response.headers["ETag"] = etag(row["version"])
    return _view(row)


@router.get("/certificate-types")
async def list_certificate_types(
    actor: AnyoneSeesDirectory, running: Running, tx: Reads, limit: Limit = 50, cursor: Cursor = None
) -> Page[TypeView]:
    """The directory: the current version of each type, by code."""
    cursors = running.cursors("certificate-types")
    position = cursors.open(cursor)
    rows = await store.list_types(tx, after=position[0] if position else None, limit=limit + 1)
    return cursors.page(rows, limit, position=lambda row: [row["code"]], shape=_view)
