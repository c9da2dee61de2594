"""Freeze an item: no new application may begin; those under way go on."""

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.hands import REVIEWERS, hand_of
from services.catalog.commands.item_matter import take_item
from services.catalog.commands.settle_item import settle_item
from services.catalog.commands.tell_item import newest_state
from services.catalog.events import ItemFrozen
from services.catalog.life_errors import AlreadyStands
from services.catalog.rules.life import why_not_frozen
from services.catalog.store import lives


async def freeze_item(local_code: str, tx: WriteTx, *, actor: Actor, reason: str, document: str | None) -> None:
    """At once, by a reviewer of its department alone: a stop must not wait. Raises ItemUnknown, NotYours, ItemEnded, AlreadyStands."""
    await take_item(tx, local_code, actor, REVIEWERS)
    life = await lives.life_at(tx, local_code, tx.now)
    assert life is not None
    refusal = why_not_frozen(life.state)
    if refusal is not None:
        raise AlreadyStands(state=refusal)
    said = {"reason": reason, "document": document}
    await lives.add_standing(tx, local_code, state="frozen", since=tx.now, recorded_by=hand_of(actor), **said)
    tx.emit(ItemFrozen(**await newest_state(tx, local_code)))
    await settle_item(local_code, tx)
