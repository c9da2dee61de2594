"""Enter an event in the evidence log."""

from chassis.database import WriteTx
from chassis.evidence import Leaf, digest
from services.exchange.rules.salts import salt_of
from services.exchange.store import evidence as store
from standards.merkle import leaf_hash


async def enter_event(
    *, event_id: str, event_type: str, event_time: str, body: bytes, authority: str | None, salt_seed: bytes, tx: WriteTx
) -> None:
    """Append one leaf. An event that is in the log already changes nothing, whatever it says now.

    The texts are single lines. Appends are in one line too: each waits for the transaction of the one before.
    """
    frontier = await store.lock_log(tx, event_id)
    if frontier is None:
        return
    leaf = Leaf(event_id, event_type, event_time, tx.now.isoformat(), digest(body, salt_of(salt_seed, event_id)))
    grown, nodes = frontier.append(leaf_hash(leaf.text().encode()))
    await store.append(tx, store.Entry(frontier.size, leaf.text(), authority), event_id, nodes, grown)
