"""RFC 6962 hashing against the definitions of the RFC, written naively, and the published vectors."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from standards.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeId,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

PUBLISHED_ENTRIES = [
    bytes.fromhex(entry) for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Log:
    """A log and the store of its nodes, kept as a service keeps them."""

    def __init__(self, entries: list[bytes]) -> None:
        self.leaves = [leaf_hash(entry) for entry in entries]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier()
        for leaf in self.leaves:
            self.frontier, made = self.frontier.append(leaf)
            for stored in made:
                assert (stored.level, stored.index) not in self.nodes, "a node was written twice"
                self.nodes[stored.level, stored.index] = stored.hash

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def log_of(size: int) -> Log:
    return Log([str(number).encode() for number in range(size)])


def split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node_hash(mth(leaves[:middle]), mth(leaves[middle:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*path(index, leaves[:middle]), mth(leaves[middle:])]
    return [*path(index - middle, leaves[middle:]), mth(leaves[:middle])]


def subproof(old: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    if old == len(leaves):
        return [] if is_whole else [mth(leaves)]
    middle = split(len(leaves))
    if old <= middle:
        return [*subproof(old, leaves[:middle], is_whole), mth(leaves[middle:])]
    return [*subproof(old - middle, leaves[middle:], False), mth(leaves[:middle])]


def test_the_published_vectors_hold() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
    log = Log(PUBLISHED_ENTRIES)
    assert [root(size, log.node).hex() for size in range(1, 9)] == PUBLISHED_ROOTS
    assert root(0, log.node) == EMPTY_ROOT == Frontier().root()


def test_every_root_and_proof_up_to_33_leaves_is_the_one_of_the_rfc() -> None:
    log = log_of(33)
    for size in range(1, 34):
        leaves = log.leaves[:size]
        whole = root(size, log.node)
        assert whole == mth(leaves)
        assert Frontier.restore(size, log.node).root() == whole
        for index in range(size):
            proof = inclusion_proof(index, size, log.node)
            assert proof == path(index, leaves)
            assert verify_inclusion(leaves[index], index, size, proof, whole)
        for old in range(size + 1):
            proof = consistency_proof(old, size, log.node)
            assert old in (0, size) or proof == subproof(old, leaves, True)
            assert verify_consistency(old, size, proof, root(old, log.node), whole)


def test_the_nodes_to_fetch_are_exactly_the_nodes_read() -> None:
    log = log_of(70)
    for first, last in [(0, 1), (0, 70), (69, 70), (33, 70), (64, 65), (63, 64)]:
        read: list[NodeId] = []

        def node(level: int, index: int, read: list[NodeId] = read) -> bytes:
            read.append(NodeId(level, index))
            return log.nodes[level, index]

        inclusion_proof(first, last, node)
        assert read == inclusion_nodes(first, last)
        read.clear()
        consistency_proof(first, last, node)
        assert read == consistency_nodes(first, last)


def test_the_frontier_goes_on_where_a_stored_log_ended() -> None:
    log = log_of(21)
    for size in range(21):
        frontier, made = Frontier.restore(size, log.node).append(log.leaves[size])
        assert frontier.root() == root(size + 1, log.node)
        assert all(log.nodes[stored.level, stored.index] == stored.hash for stored in made)


def test_a_question_about_leaves_that_are_not_there_is_refused() -> None:
    log = log_of(4)
    for index, size in [(4, 4), (-1, 4), (0, 0)]:
        with pytest.raises(ValueError, match="not in a log"):
            inclusion_proof(index, size, log.node)
        assert not verify_inclusion(log.leaves[0], index, size, [], log.leaves[0])
    for old, new in [(5, 4), (-1, 4)]:
        with pytest.raises(ValueError, match="shrink"):
            consistency_proof(old, new, log.node)
        assert not verify_consistency(old, new, [], EMPTY_ROOT, EMPTY_ROOT)
    with pytest.raises(ValueError, match="one peak"):
        Frontier(3, (log.leaves[0],))


def test_an_empty_log_is_consistent_with_any_but_only_by_its_own_root() -> None:
    log = log_of(3)
    assert verify_consistency(0, 3, [], EMPTY_ROOT, log.frontier.root())
    assert not verify_consistency(0, 3, [], log.leaves[0], log.frontier.root())
    assert not verify_consistency(0, 3, [EMPTY_ROOT], EMPTY_ROOT, log.frontier.root())
    assert not verify_consistency(2, 3, [], root(2, log.node), log.frontier.root())
    assert not verify_consistency(3, 3, [], log.leaves[0], log.frontier.root())


positions = st.integers(1, 300).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


@settings(deadline=None)
@given(positions, st.data())
def test_a_proof_that_was_changed_in_any_way_is_not_believed(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    log = log_of(size)
    leaf, whole, proof = log.leaves[index], log.frontier.root(), inclusion_proof(index, size, log.node)
    assert verify_inclusion(leaf, index, size, proof, whole)
    assert not verify_inclusion(leaf_hash(b"backdated"), index, size, proof, whole)
    assert not verify_inclusion(leaf, index, size, [*proof, whole], whole)
    assert not verify_inclusion(leaf, index, size, [*proof[:-1], b"short"], whole)
    assert not verify_inclusion(leaf, index, size, proof, leaf_hash(b"another log"))
    if proof:
        assert not verify_inclusion(leaf, index, size, proof[:-1], whole)
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_inclusion(leaf, index, size, [*proof[:at], leaf_hash(b"forged"), *proof[at + 1 :]], whole)
        other = data.draw(st.integers(0, size - 1).filter(lambda candidate: candidate != index))
        assert not verify_inclusion(leaf, other, size, proof, whole)


@settings(deadline=None)
@given(positions, st.data())
def test_a_rewritten_log_is_not_consistent(place: tuple[int, int], data: st.DataObject) -> None:
    old, size = place[0] + 1, place[1] + 1
    log = log_of(size)
    whole, proof = log.frontier.root(), consistency_proof(old, size, log.node)
    assert verify_consistency(old, size, proof, root(old, log.node), whole)
    entries = [str(number).encode() for number in range(size)]
    entries[data.draw(st.integers(0, old - 1))] = b"backdated"
    rewritten = Log(entries)
    forged = consistency_proof(old, size, rewritten.node)
    assert not verify_consistency(old, size, forged, root(old, log.node), rewritten.frontier.root())
    assert not verify_consistency(old, size, [*proof, whole], root(old, log.node), whole)


@given(st.binary(max_size=40), st.integers(-2, 2**70), st.integers(-2, 2**70), st.lists(st.binary(min_size=31, max_size=33), max_size=70))
def test_a_verifier_never_raises_on_what_a_stranger_sends(any_root: bytes, first: int, second: int, proof: list[bytes]) -> None:
    assert verify_inclusion(any_root, first, second, proof, any_root) in (True, False)
    assert verify_consistency(first, second, proof, any_root, any_root) in (True, False)
