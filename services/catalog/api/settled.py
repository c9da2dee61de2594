"""Before the index is read: whatever came into force since it was written is brought into it, so that it is exact at every instant."""

from fastapi import Depends, Request

from services.catalog.switching import settle_due


async def _settled(request: Request) -> None:
    await settle_due(request.app.state.runtime)


Settled = Depends(_settled)
"""A dependency of routes that read the index; `switching` has mostly done it before."""
