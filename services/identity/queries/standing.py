"""What tokens stand on, as it is now."""

from collections.abc import Collection

from chassis.actor import Basis
from chassis.database import ReadTx
from services.identity.store import mandates


async def holding(tx: ReadTx, asked: Collection[Basis]) -> set[Basis]:
    """Those that hold, unchanged since. Kinds nobody keeps do not hold."""
    found = await mandates.holding(tx, [(one.kind, one.id, one.version) for one in asked])
    return {Basis(kind, record, version) for kind, record, version in found}
