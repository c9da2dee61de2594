"""Merkle tree hashing of RFC 6962 / RFC 9162 with SHA-256.

A log is a list of leaf hashes. `node(level, index)` is the hash of the complete subtree over leaves
`[index << level, (index + 1) << level)`; such a node never changes once it exists, so a store of nodes only grows.
Roots and proofs of any size are folded from complete nodes; `*_nodes` tells which, so that a caller can fetch
them in one query. Verifiers take what a stranger sent: they answer False, they do not raise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import hashlib

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]


@dataclass(frozen=True, slots=True)
class NodeId:
    """The place of a complete subtree: over `1 << level` leaves from `index << level`."""

    level: int
    index: int


@dataclass(frozen=True, slots=True)
class StoredNode:
    """A complete subtree's place and hash, as a store keeps it."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """`SHA-256(0x00 || entry)`."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 || left || right)`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a log: its size and the hashes of its complete subtrees, largest first. All that appending needs."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError("a frontier has one peak for every 1 in its size's binary form")

    @classmethod
    def restore(cls, size: int, node: NodeReader) -> "Frontier":
        """The frontier of a stored log of `size` leaves."""
        return cls(size, tuple(node(place.level, place.index) for place in root_nodes(size)))

    def append(self, leaf: bytes) -> "tuple[Frontier, list[StoredNode]]":
        """The log with one more leaf hash, and the complete nodes this made, leaf first: store them all."""
        made = [StoredNode(0, self.size, leaf)]
        peaks = list(self.peaks)
        remaining = self.size
        while remaining & 1:
            remaining >>= 1
            merged = node_hash(peaks.pop(), made[-1].hash)
            made.append(StoredNode(len(made), remaining, merged))
        peaks.append(made[-1].hash)
        return Frontier(self.size + 1, tuple(peaks)), made

    def root(self) -> bytes:
        """The root hash; of nothing, the hash of nothing."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT


def root_nodes(size: int) -> list[NodeId]:
    """The complete nodes a root of `size` leaves is folded from, largest first."""
    return _cover(0, size)


def root(size: int, node: NodeReader) -> bytes:
    """The root hash of the first `size` leaves."""
    return Frontier.restore(size, node).root()


def inclusion_nodes(index: int, size: int) -> list[NodeId]:
    """The complete nodes an inclusion proof is folded from. Raises `ValueError` unless `0 <= index < size`."""
    return [place for span in _inclusion_spans(index, size) for place in _cover(*span)]


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """That leaf `index` is in the log of `size` leaves (RFC 9162, 2.1.3.1). Raises `ValueError` unless `0 <= index < size`."""
    return [_span_hash(span, node) for span in _inclusion_spans(index, size)]


def consistency_nodes(old_size: int, new_size: int) -> list[NodeId]:
    """The complete nodes a consistency proof is folded from. Raises `ValueError` unless `0 <= old_size <= new_size`."""
    return [place for span in _consistency_spans(old_size, new_size) for place in _cover(*span)]


def consistency_proof(old_size: int, new_size: int, node: NodeReader) -> list[bytes]:
    """That the log of `old_size` leaves is a beginning of the log of `new_size` (RFC 9162, 2.1.4.1). Empty for 0 and for equals.

    Raises `ValueError` unless `0 <= old_size <= new_size`.
    """
    return [_span_hash(span, node) for span in _consistency_spans(old_size, new_size)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash stands at `index` under the root of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, expected_root, *proof):
        return False
    position, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and result == expected_root


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the log under `new_root` only added to the log under `old_root` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= new_size or not _are_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        return False
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_SIZE for value in values)


def _split(count: int) -> int:
    """The largest power of two below `count`: where RFC 6962 parts a tree of `count` > 1 leaves."""
    return 1 << ((count - 1).bit_length() - 1)


def _cover(start: int, end: int) -> list[NodeId]:
    """Complete subtrees over the leaves `[start, end)`, largest first; `start` is aligned to the largest."""
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append(NodeId(level, start >> level))
        start += 1 << level
    return places


def _fold(hashes: Sequence[bytes]) -> bytes:
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def _span_hash(span: tuple[int, int], node: NodeReader) -> bytes:
    return _fold([node(place.level, place.index) for place in _cover(*span)])


def _inclusion_spans(index: int, size: int) -> list[tuple[int, int]]:
    """The sibling subtrees on the way from leaf to root, as leaf ranges."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in a log of this size")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _consistency_spans(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """The subtrees that link two roots, as leaf ranges; the old root itself is left out where the verifier has it."""
    if not 0 <= old_size <= new_size:
        raise ValueError("a log does not shrink")
    if old_size in (0, new_size):
        return []
    start, end, spans = 0, new_size, []
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start != 0:
        spans.append((start, end))
    return spans[::-1]
