"""An item as its guide shows it: the version in force, and until when that is certain, or one version by its id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.errors import ItemUnknown
from services.catalog.rules.content import ItemContent


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force at least from one instant to another; `until` is None where no change is planned."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an item. `in_force` is None where it was asked for by its id, whatever is in force."""

    local_code: str
    version_id: UUID
    number: int
    published_at: datetime
    item: ItemContent
    in_force: InForce | None


async def guide_in_force(tx: ReadTx, local_code: str) -> tuple[RowMapping, InForce]:
    """The version's row, as guides are made of. Raises ItemUnknown."""
    number = await store.current_version_number(tx, local_code)
    if number is None:
        raise ItemUnknown()
    return await store.guide_of_number(tx, local_code, number), InForce(since=tx.now, until=None)


async def version_in_force(tx: ReadTx, local_code: str) -> Version:
    """Raises ItemUnknown."""
    row, in_force = await guide_in_force(tx, local_code)
    return _version(row, in_force)


async def version_by_id(tx: ReadTx, version_id: UUID) -> Version:
    """Raises ItemUnknown."""
    row = await store.guide_of_version(tx, version_id)
    if row is None:
        raise ItemUnknown()
    return _version(row, None)


def _version(row: RowMapping, in_force: InForce | None) -> Version:
    item = ItemContent.model_validate(row["content"])
    return Version(row["local_code"], row["version_id"], row["version_number"], row["published_at"], item, in_force)
