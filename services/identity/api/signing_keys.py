"""Changing the suite's signing keys, for operators."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from chassis.app import service_router
from chassis.schema import View
from services.identity.api.access import CanAdminister
from services.identity.api.edge import PartsHere
from services.identity.commands.rotate_keys import replace_stolen_keys, rotate_keys

router = service_router("signing-keys")


class RotatedView(View):
    kid: str
    signs_from: datetime


@router.post("/signing-keys", status_code=201)
async def rotate(
    _: CanAdminister,
    parts: PartsHere,
    emergency: Annotated[
        bool, Query(description="A key may be stolen: withdraw all and sign with a new one at once; every token is refused.")
    ] = False,
) -> RotatedView:
    """Make the next signing key before its time. A key that waits to sign already is answered again; each emergency makes a new one."""
    async with parts.db.write() as tx:
        if emergency:
            view = RotatedView(kid=await replace_stolen_keys(tx, parts.keys), signs_from=tx.now)
        else:
            kid, signs_from = await rotate_keys(tx, parts.keys, parts.settings.key_schedule)
            view = RotatedView(kid=kid, signs_from=signs_from)
    await parts.signer.renew()
    return view
