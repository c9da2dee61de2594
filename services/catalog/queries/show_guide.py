"""An item as its guide shows it to people: what is in force and until when that is certain, or one version by its id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.life_errors import VersionUnknown
from services.catalog.queries.life_in_force import life_in_force
from services.catalog.rules.content import ItemContent
from services.catalog.rules.guide.standing import Exercised, Stands
from services.catalog.store import lives


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force at least from one instant to another (`until` None: no change is planned), and how the item stands."""

    since: datetime
    until: datetime | None
    stands: Stands


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an item. `in_force` is None where it was asked for by its id, whatever is in force."""

    local_code: str
    version_id: UUID
    number: int
    published_at: datetime
    effective_from: datetime
    item: ItemContent
    in_force: InForce | None


async def version_in_force(tx: ReadTx, local_code: str) -> Version:
    """Raises ItemUnknown, ItemWithdrawn, NothingInForce."""
    life = await life_in_force(tx, local_code, tx.now)
    assert life.version_id is not None
    row = await store.guide_of_version(tx, life.version_id)
    assert row is not None
    exercised = [
        Exercised(one["authority_name"], one["document"], one["ends_at"])
        for one in (await lives.delegations_of(tx, local_code, at=tx.now) if life.delegations else ())
    ]
    frozen_since = life.since if life.state == "frozen" else None
    return _version(row, InForce(tx.now, life.next_at, Stands(frozen_since, life.reason, tuple(exercised))))


async def version_by_id(tx: ReadTx, version_id: UUID) -> Version:
    """Raises VersionUnknown."""
    row = await store.guide_of_version(tx, version_id)
    if row is None:
        raise VersionUnknown()
    return _version(row, None)


def _version(row: RowMapping, in_force: InForce | None) -> Version:
    item = ItemContent.model_validate(row["content"])
    known = {name: row[name] for name in ("local_code", "version_id", "published_at", "effective_from")}
    return Version(**known, number=row["version_number"], item=item, in_force=in_force)
