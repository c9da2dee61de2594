"""Before the index is read: whatever came into force since it was written is brought into it, so that it is exact at every instant."""

from typing import Annotated

from fastapi import Depends, Request

from services.catalog.switching import settle_due


async def _settled(request: Request) -> None:
    await settle_due(request.app.state.runtime)


Settled = Annotated[None, Depends(_settled)]
"""A parameter of routes that read the index; name the access rule's before it. `switching` has mostly done it before."""
