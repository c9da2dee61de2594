"""Files of materials: uploaded by the applicant, looked at by the applicant and the window."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse
from sqlalchemy import RowMapping

from chassis import audit
from chassis.app import service_router
from chassis.edge import Reads, Writes, etag, takes_stream
from chassis.problems import NotFound, Unavailable
from chassis.runtime import Runtime
from services.intake import store
from services.intake.api.access import CanApply, CanAttend, visible_to
from services.intake.api.beforehand import Uploaded
from services.intake.api.shapes import MaterialKey, MaterialView, Running, material_view
from services.intake.commands.attach_file import attach_file
from services.intake.files import FileStore
from services.intake.rules.uploads import ACCEPTED, MOST_BYTES

router = service_router("materials")

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(("application/octet-stream", *ACCEPTED), _BINARY)}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": dict.fromkeys(ACCEPTED, _BINARY)}}


@router.put("/applications/{application_id}/materials/{key}/file", openapi_extra=_UPLOAD)
@takes_stream(MOST_BYTES)
async def upload(
    application_id: UUID, key: MaterialKey, actor: CanApply, uploaded: Uploaded, tx: Writes, response: Response
) -> MaterialView:
    """Upload a material as the body: PDF, JPEG or PNG, at most 20 MiB. It replaces an earlier upload. The ETag is the application's."""
    draft, material = await attach_file(tx, actor, application_id, key, uploaded)
    response.headers["ETag"] = etag(draft.version)
    return material_view(draft.item, material)


@router.get("/applications/{application_id}/materials/{key}/file", response_class=StreamingResponse, responses=_DOWNLOAD)
async def download(application_id: UUID, key: MaterialKey, actor: CanApply, tx: Reads, running: Running) -> StreamingResponse:
    """The applicant's own upload."""
    return await _file(running, await store.file_of_material(tx, application_id, key, visible_to(actor)))


@router.get("/window/applications/{application_id}/materials/{key}/file", response_class=StreamingResponse, responses=_DOWNLOAD)
async def look_at(application_id: UUID, key: MaterialKey, actor: CanAttend, tx: Writes, running: Running) -> StreamingResponse:
    """An applicant's upload, for the window. The reading is recorded."""
    found = await store.file_of_material(tx, application_id, key, visible_to(actor))
    await audit.record_read(tx, actor, subject=str(application_id), fields=[f"materials/{key}"], purpose="window.examine")
    return await _file(running, found)


async def _file(running: Runtime, row: RowMapping | None) -> StreamingResponse:
    if row is None:
        raise NotFound()
    files: FileStore = running.parts["files"]
    if await files.size(row["sha256"]) is None:
        raise Unavailable()
    headers: Mapping[str, str] = {
        "Content-Length": str(row["size_bytes"]),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'], safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(files.read(row["sha256"]), media_type=row["content_type"], headers=headers)
