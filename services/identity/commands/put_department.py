"""Enter a department, or change its names and region."""

from chassis.database import WriteTx
from services.identity.store import subjects


async def put_department(tx: WriteTx, *, uscc: str, name: str, name_en: str | None, region: str) -> bool:
    """True when it is new."""
    return await subjects.put_department(tx, {"uscc": uscc, "name": name, "name_en": name_en, "region": region})
