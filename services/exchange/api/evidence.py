"""The evidence log, for anyone who verifies."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from chassis.app import service_router
from chassis.edge import Reads
from chassis.evidence import InclusionProof
from chassis.pagination import Limit
from chassis.schema import View
from services.exchange.api.access import AnyoneVerifying
from services.exchange.keys import keys_of
from services.exchange.queries import evidence_log
from services.exchange.rules.tiles import HIGHEST_LEVEL, WIDTH
from services.exchange.store import evidence as store

router = service_router("evidence")

_UNCHANGING = "public, max-age=31536000, immutable"


class EntryView(View):
    """One entry: its place in the log and the exact text that was hashed."""

    leaf_index: int
    leaf: str


class EntriesView(View):
    """Entries in the order they were entered. Ask on with `after` = the last `leaf_index`; an empty list is the end for now."""

    entries: list[EntryView] = Field(max_length=200)


@router.get("/evidence/checkpoint", response_class=PlainTextResponse)
async def read_checkpoint(request: Request, actor: AnyoneVerifying, tx: Reads) -> PlainTextResponse:
    """The log's signed checkpoint (C2SP tlog-checkpoint): origin, size, root hash, signature."""
    return PlainTextResponse(await evidence_log.checkpoint(keys_of(request.app.state.runtime), tx))


@router.get("/evidence/key", response_class=PlainTextResponse)
async def read_key(request: Request, actor: AnyoneVerifying) -> PlainTextResponse:
    """The key that verifies checkpoints, in the form of C2SP signed-note. Keep it: it is what later answers are checked against."""
    return PlainTextResponse(keys_of(request.app.state.runtime).checkpoints.verifier_key + "\n")


@router.get("/evidence/proofs/{event_id}")
async def read_proof(event_id: UUID, request: Request, actor: AnyoneVerifying, tx: Reads) -> InclusionProof:
    """That an event is in the log. The salt, which ties the entry to the event's body, goes to services and the event's department."""
    return await evidence_log.prove(str(event_id), actor, keys_of(request.app.state.runtime), tx)


@router.get("/evidence/entries")
async def list_entries(
    actor: AnyoneVerifying,
    tx: Reads,
    after: Annotated[int, Query(ge=-1, le=2**62, description="The leaf index to go on from; -1 for the beginning.")] = -1,
    limit: Limit = 100,
) -> EntriesView:
    """The log's entries in order, for monitors that keep a copy."""
    found = await store.entries_after(tx, after, limit)
    return EntriesView(entries=[EntryView(leaf_index=entry.leaf_index, leaf=entry.leaf) for entry in found])


@router.get(
    "/evidence/tile/{level}/{index:path}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def read_tile(
    level: Annotated[int, Path(ge=0, le=HIGHEST_LEVEL)],
    index: Annotated[str, Path(max_length=40, description="As C2SP tlog-tiles writes it: 000, x001/234, 000.p/17.")],
    actor: AnyoneVerifying,
    tx: Reads,
) -> Response:
    """Hashes of the log's tree, 256 of 32 bytes to a full tile. Tiles never change."""
    tile, hashes = await evidence_log.tile(level, index, tx)
    caching = {"Cache-Control": _UNCHANGING if tile.width == WIDTH else "public, max-age=60"}
    return Response(hashes, media_type="application/octet-stream", headers=caching)
