"""Materials the network can supply: what no item may ask an applicant for."""

from typing import Annotated, Literal

from fastapi import Path, Request, Response
from pydantic import Field, StringConstraints
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Reads, Writes
from chassis.pagination import Cursor, Limit, Page
from chassis.schema import Body, View
from services.catalog import store
from services.catalog.api.access import Anyone, CanAdminister
from services.catalog.commands.name_obtainable_material import name_obtainable_material

router = service_router("obtainable materials")

MaterialCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,39}$")]
MaterialPath = Annotated[MaterialCode, Path(description="The certificate type's code, or the shared resource's key.")]


class ObtainableBody(Body):
    """Where it comes from, and every name that guides use for it: 营业执照, 工商营业执照."""

    source: Literal["certificate", "shared"]
    names: list[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(min_length=1, max_length=50)


class ObtainableView(View):
    code: str
    source: Literal["certificate", "shared"]
    names: list[str]


@router.get("/obtainable-materials")
async def list_obtainable(request: Request, access: Anyone, tx: Reads, limit: Limit = 100, cursor: Cursor = None) -> Page[ObtainableView]:
    """All of them, by code."""
    cursors = request.app.state.runtime.cursors("obtainable-materials")
    position = cursors.open(cursor)
    rows = await store.list_obtainable_materials(tx, after=str(position[0]) if position else None, limit=limit + 1)
    page: Page[ObtainableView] = cursors.page(rows, limit, position=_position, shape=ObtainableView.model_validate)
    return page


@router.put("/obtainable-materials/{code}", responses={201: {"model": ObtainableView, "description": "It was not known before"}})
async def name(code: MaterialPath, body: ObtainableBody, access: CanAdminister, tx: Writes, response: Response) -> ObtainableView:
    """Name a material that the network can supply. From now on publishing refuses items that ask the applicant for it."""
    is_new = await name_obtainable_material(code, body.source, body.names, tx)
    response.status_code = 201 if is_new else 200
    return ObtainableView(code=code, source=body.source, names=body.names)


def _position(row: RowMapping) -> tuple[str]:
    return (row["code"],)
