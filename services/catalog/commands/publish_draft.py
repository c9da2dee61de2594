"""Publish a reviewed draft, in force from an instant on."""

from datetime import datetime
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.drafting import demand_current, demand_item, keep_step, take_draft
from services.catalog.commands.publish_version import Provenance, Published, publish_version
from services.catalog.rules.content import ItemContent


async def publish_draft(draft_id: UUID, begins: datetime | None, tx: WriteTx, *, publisher: Actor, seen: int) -> tuple[str, Published]:
    """The item's code, and what came of it.

    Raises DraftUnknown, DraftChanged, DraftClosed, NotYours, ItemEnded, DraftOutdated, and all that `publish_version` does.
    """
    row = await take_draft(tx, draft_id, publisher, seen=seen, states={"reviewed"})
    local_code, item = row["local_code"], ItemContent.model_validate(row["content"])
    await store.lock_item(tx, local_code)
    await demand_item(tx, publisher, local_code, item)
    await demand_current(tx, row)
    provenance = Provenance("drafted", row["writers"], reviewed_by=row["reviewed_by"], published_by=publisher.key)
    done = await publish_version(local_code, item, tx, begins=begins, provenance=provenance)
    await keep_step(tx, row, "published", publisher, content=row["content"], state="published", version_id=done.version_id)
    return local_code, done
