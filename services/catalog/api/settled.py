"""Before the index is read: whatever came into force since it was written is brought into it, so that it is exact at every instant.

Where very many change at once (a whole catalog is loaded), a search settles a few of them and does not wait for the rest.
"""

from typing import Annotated

from fastapi import Depends, Request

from services.catalog.switching import settle_due

_MOST = 5


async def _settled(request: Request) -> None:
    await settle_due(request.app.state.runtime, most=_MOST)


Settled = Annotated[None, Depends(_settled)]
"""A parameter of routes that read the index; name the access rule's before it. `switching` has mostly done it before."""
