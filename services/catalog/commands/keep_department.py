"""Keep a department as identity tells of it; an older telling, or the same again, changes nothing."""

from chassis.database import WriteTx
from services.catalog.store import places as store_places


async def keep_department(
    code: str, tx: WriteTx, *, name: str, name_en: str | None, region_code: str, parent_code: str | None, version: int
) -> bool:
    """True when it is news."""
    if version <= await store_places.lock_department(tx, code):
        return False
    await store_places.save_department(
        tx, code=code, name=name, name_en=name_en, region_code=region_code, parent_code=parent_code, version=version
    )
    return True
