"""What tokens stand on, as it is now."""

from collections.abc import Collection

from chassis.actor import Standing
from chassis.database import ReadTx
from services.identity.store import mandates


async def holding(tx: ReadTx, asked: Collection[Standing]) -> set[Standing]:
    """Those that hold, unchanged since. Kinds nobody keeps do not hold."""
    found = await mandates.holding(tx, [(one.kind, one.id, one.version) for one in asked])
    return {Standing(kind, record, version) for kind, record, version in found}
