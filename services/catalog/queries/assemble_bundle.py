"""A bundle made of what is in force now."""

import anyio.to_thread

from chassis.database import ReadTx
from services.catalog import store
from services.catalog.rules.bundle import BundleContent, Member
from services.catalog.rules.bundle_checks import Assembled, assemble
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding
from services.catalog.store import bundles as store_bundles


async def assemble_bundle(said: BundleContent, tx: ReadTx) -> Assembled:
    """The guide, the conflicts and what stands against publishing it."""
    rows = {row["local_code"]: row for row in await store_bundles.items_in_force(tx, [one.local_code for one in said.items])}
    members = {
        one.local_code: Member(one, row["version_id"], row["version_number"], ItemContent.model_validate(row["content"]))
        for one in said.items
        if (row := rows.get(one.local_code)) is not None
    }
    # In a thread: twenty items with all their forms take tens of milliseconds to compare.
    assembled = await anyio.to_thread.run_sync(assemble, said, members)
    if await store.region_exists(tx, said.region_code):
        return assembled
    unknown = Finding("/region_code", "region-unknown", "没有这个区划，请先载入区划", "There is no such region; load the regions first.")
    return Assembled(assembled.guide, assembled.conflicts, [*assembled.findings, unknown])
