"""An item was asked for: it comes sooner in what people find."""

from datetime import datetime

from chassis.database import WriteTx
from services.catalog.rules.popularity import heat_of, warmer
from services.catalog.store import finding as store_finding


async def note_submission(local_code: str, submitted_at: datetime, tx: WriteTx) -> None:
    """Counts for any code, also of an item this catalog does not have yet. A time to come counts as now."""
    heat = await store_finding.lock_heat(tx, local_code)
    await store_finding.save_heat(tx, local_code, warmer(heat, heat_of(min(submitted_at, tx.now))))
