"""The item that somebody wants to do something to, locked, and whose it is."""

from collections.abc import Iterable

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.hands import Matter, demand_reach
from services.catalog.errors import ItemUnknown
from services.catalog.life_errors import ItemEnded, said
from services.catalog.rules.content import ItemContent
from services.catalog.store import lives


async def take_item(tx: WriteTx, local_code: str, actor: Actor, posts: Iterable[str]) -> Matter:
    """An item whose time is not over, its lock held, which is the actor's to maintain. Raises ItemUnknown, NotYours, ItemEnded."""
    await store.lock_item(tx, local_code)
    matter = matter_of_version(await _newest(tx, local_code))
    demand_reach(actor, matter, posts)
    life = await lives.life_at(tx, local_code, tx.now)
    if life is not None and life.state == "withdrawn":
        raise ItemEnded(local_code=local_code, since=said(life.since))
    return matter


def matter_of_version(row: RowMapping) -> Matter:
    item = ItemContent.model_validate(row["content"])
    return Matter(row["local_code"], item.authority.code, item.region_code)


async def _newest(tx: WriteTx, local_code: str) -> RowMapping:
    row = await lives.newest_version(tx, local_code)
    if row is None:
        raise ItemUnknown()
    return row
