"""What the evidence log shows: its checkpoint, proofs, entries and tiles. All of it is public but the salts."""

from base64 import b64encode

from chassis.actor import Actor
from chassis.database import ReadTx
from chassis.evidence import InclusionProof
from services.exchange.errors import EntryNotFound, TileNotFound, TilePathInvalid
from services.exchange.keys import ExchangeKeys
from services.exchange.rules.salts import salt_of
from services.exchange.rules.tiles import Tile, parse_tile
from services.exchange.store import evidence as store
from standards.merkle import inclusion_nodes, inclusion_proof

READ_SCOPE = "exchange.evidence.read"


async def checkpoint(keys: ExchangeKeys, tx: ReadTx) -> str:
    """The signed note of the log as it stands."""
    edge = await store.right_edge(tx)
    return keys.checkpoints.sign(edge.size, edge.root())


async def prove(event_id: str, actor: Actor | None, keys: ExchangeKeys, tx: ReadTx) -> InclusionProof:
    """That the event is in the log as it stands; with the salt for those who may read the event. Raises EntryNotFound."""
    entry = await store.entry_of(tx, event_id)
    if entry is None:
        raise EntryNotFound()
    edge = await store.right_edge(tx)
    hashes = await store.nodes(tx, inclusion_nodes(entry.leaf_index, edge.size))
    proof = inclusion_proof(entry.leaf_index, edge.size, lambda level, index: hashes[level, index])
    return InclusionProof(
        event_id=event_id,
        leaf=entry.leaf,
        leaf_index=entry.leaf_index,
        tree_size=edge.size,
        proof=[b64encode(part).decode() for part in proof],
        checkpoint=keys.checkpoints.sign(edge.size, edge.root()),
        salt=salt_of(keys.salt_seed, event_id).hex() if _may_read(actor, entry.authority) else None,
    )


async def tile(level: int, path: str, tx: ReadTx) -> tuple[Tile, bytes]:
    """A tile and its hashes, one after another. Raises TilePathInvalid, TileNotFound."""
    wanted = parse_tile(level, path)
    if wanted is None:
        raise TilePathInvalid()
    if not wanted.is_in((await store.right_edge(tx)).size):
        raise TileNotFound()
    return wanted, b"".join(await store.level_hashes(tx, wanted.tree_level, wanted.first, wanted.width))


def _may_read(actor: Actor | None, authority: str | None) -> bool:
    """Services may, and the systems of the department whose matter it is."""
    if actor is None or READ_SCOPE not in actor.scopes:
        return False
    return actor.kind == "service" or (actor.kind == "system" and authority is not None and actor.department == authority)
