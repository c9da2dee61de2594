"""A base catalog's file, read and understood before the request's transaction opens."""

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.requests import ClientDisconnect

from services.catalog.commands.import_edition import EditionFile, read_edition
from services.catalog.errors import ColumnMappingInvalid, UploadBroken
from services.catalog.rules.base_entry import KNOWN_COLUMNS

MOST_BYTES = 20 * 1024 * 1024

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(("text/csv", _XLSX, "application/json", "application/octet-stream"), _BINARY),
    }
}

Columns = Annotated[
    list[str],
    Query(
        max_length=len(KNOWN_COLUMNS),
        description=f"name=header where the file's header does not say it: code=item no. Names: {', '.join(KNOWN_COLUMNS)}.",
    ),
]


async def _edition_file(request: Request, column: Columns = []) -> EditionFile:  # noqa: B006 (FastAPI copies it)
    """Raises ColumnMappingInvalid, TooLarge, UploadBroken, BaseFileInvalid."""
    columns = _mapping(column)
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
    except ClientDisconnect as error:
        raise UploadBroken() from error
    return await read_edition(bytes(content), columns)


def _mapping(column: list[str]) -> dict[str, str]:
    """The header of each of our names that is told."""
    headers: dict[str, str] = {}
    for one in column:
        name, _, header = (part.strip() for part in one.partition("="))
        if name not in KNOWN_COLUMNS or not header or name in headers or header in headers.values():
            raise ColumnMappingInvalid(mapping=one[:100])
        headers[name] = header
    return headers


Uploaded = Annotated[EditionFile, Depends(_edition_file)]
"""The file as the body; name the access rule's parameter before it."""
