"""An item at an instant, where there is something in force then."""

from datetime import datetime

from chassis.database import ReadTx
from services.catalog.errors import ItemUnknown
from services.catalog.life_errors import ItemWithdrawn, NothingInForce, said
from services.catalog.rules.life import Life
from services.catalog.store import lives


async def life_in_force(tx: ReadTx, local_code: str, at: datetime) -> Life:
    """Its `version_id` is that of the version in force, its `next_at` the next instant at which the guide may say otherwise.

    Raises ItemUnknown, ItemWithdrawn (with where it went), NothingInForce (before the first version).
    """
    life = await lives.life_at(tx, local_code, at)
    if life is None:
        raise ItemUnknown()
    if life.state == "withdrawn":
        raise ItemWithdrawn(
            local_code=local_code, since=said(life.since), reason=life.reason, document=life.document, moved_to=life.moved_to
        )
    if life.version_id is None:
        raise NothingInForce(at=said(at))
    return life
