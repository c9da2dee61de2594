"""The file of a base catalog or a list, read and understood before the request's transaction opens."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.requests import ClientDisconnect

from services.catalog.commands.import_edition import EditionFile, read_edition
from services.catalog.commands.import_list import ListFile, read_list_file
from services.catalog.errors import ColumnMappingInvalid, UploadBroken
from services.catalog.rules.base_entry import KNOWN_COLUMNS
from services.catalog.rules.list_entry import KNOWN_COLUMNS as LIST_COLUMNS
from services.catalog.rules.list_entry import ListKind

MOST_BYTES = 20 * 1024 * 1024

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(("text/csv", _XLSX, "application/json", "application/octet-stream"), _BINARY),
    }
}

_TOLD = "name=header where the file's header does not say it: code=item no. Names: "
Columns = Annotated[list[str], Query(max_length=len(KNOWN_COLUMNS), description=f"{_TOLD}{', '.join(KNOWN_COLUMNS)}.")]
ListColumns = Annotated[
    list[str], Query(max_length=20, description=f"{_TOLD}{', '.join(sorted({name for known in LIST_COLUMNS.values() for name in known}))}.")
]
KindPath = Annotated[ListKind, Path(description="power 权力清单, responsibility 责任清单, negative 负面清单, fee 收费清单.")]


async def _edition_file(request: Request, column: Columns = []) -> EditionFile:  # noqa: B006 (FastAPI copies it)
    """Raises ColumnMappingInvalid, TooLarge, UploadBroken, BaseFileInvalid."""
    columns = _mapping(column, KNOWN_COLUMNS)
    return await read_edition(await _content(request), columns)


async def _list_file(request: Request, kind: KindPath, column: ListColumns = []) -> ListFile:  # noqa: B006 (FastAPI copies it)
    """Raises ColumnMappingInvalid, TooLarge, UploadBroken, ListFileInvalid."""
    columns = _mapping(column, LIST_COLUMNS[kind])
    return await read_list_file(kind, await _content(request), columns)


async def _content(request: Request) -> bytes:
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
    except ClientDisconnect as error:
        raise UploadBroken() from error
    return bytes(content)


def _mapping(column: list[str], known: Collection[str]) -> dict[str, str]:
    """The header of each of our names that is told."""
    headers: dict[str, str] = {}
    for one in column:
        name, _, header = (part.strip() for part in one.partition("="))
        if name not in known or not header or name in headers or header in headers.values():
            raise ColumnMappingInvalid(mapping=one[:100])
        headers[name] = header
    return headers


Uploaded = Annotated[EditionFile, Depends(_edition_file)]
"""The file as the body; name the access rule's parameter before it."""

UploadedList = Annotated[ListFile, Depends(_list_file)]
"""The same for a list, of the kind that the path says."""
