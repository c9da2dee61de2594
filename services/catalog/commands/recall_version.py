"""Take back a published version before its instant comes. It stays readable, and says that it was taken back."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.hands import REVIEWERS, hand_of
from services.catalog.commands.item_matter import take_item
from services.catalog.commands.publish_version import digest_of
from services.catalog.commands.settle_item import settle_item
from services.catalog.commands.tell_item import state_of_row
from services.catalog.events import ItemRecalled
from services.catalog.life_errors import VersionInForce, VersionRecalled, VersionUnknown, said
from services.catalog.rules.content import ItemContent
from services.catalog.store import lives


async def recall_version(version_id: UUID, reason: str, tx: WriteTx, *, actor: Actor) -> str:
    """The item's code. Raises VersionUnknown, NotYours, ItemEnded, VersionInForce, VersionRecalled."""
    known = await lives.version(tx, version_id)
    if known is None:
        raise VersionUnknown()
    local_code: str = known["local_code"]
    await store.lock_item(tx, local_code)
    row = await lives.version(tx, version_id)  # again, now that nobody else acts on it
    assert row is not None
    if row["recalled_at"] is not None:
        raise VersionRecalled(version_number=row["number"], recalled_at=said(row["recalled_at"]))
    await take_item(tx, local_code, actor, REVIEWERS)
    if row["effective_from"] <= tx.now:
        raise VersionInForce(version_number=row["number"])
    state = await state_of_row(tx, await lives.version_with_content(tx, version_id))
    await lives.add_recall(tx, version_id, reason=reason, recalled_by=hand_of(actor))
    newest = await lives.newest_version(tx, local_code)
    await store.save_digest(tx, local_code, digest_of(ItemContent.model_validate(newest["content"])) if newest else b"")
    tx.emit(ItemRecalled(**state, reason=reason, recalled_at=tx.now))
    await settle_item(local_code, tx)
    return local_code
