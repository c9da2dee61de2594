"""Name a material that the network can supply: from then on no item may ask the applicant for it."""

from collections.abc import Sequence

from chassis.database import WriteTx
from services.catalog import store


async def name_obtainable_material(code: str, source: str, names: Sequence[str], tx: WriteTx) -> bool:
    """True when the material was not known before. Items already published keep asking until their next version."""
    return await store.save_obtainable_material(tx, code=code, source=source, names=names)
