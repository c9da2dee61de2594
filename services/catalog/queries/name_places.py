"""Regions' names in full."""

from collections.abc import Sequence

from chassis.database import ReadTx
from services.catalog.rules.regions import is_region_code, lineage
from services.catalog.store import places as store_places


async def full_names(tx: ReadTx, codes: Sequence[str]) -> dict[str, str]:
    """四川省广安市广安区, by code; codes without a region are left out."""
    known = [code for code in set(codes) if is_region_code(code)]
    rows = await store_places.regions_of(tx, {one for code in known for one in lineage(code)})
    return {code: "".join(rows[one]["name"] for one in lineage(code) if one in rows) for code in known if code in rows}
