"""Checking a proof offline: it holds for the log's signature, the entry's place and the event's exact bytes, or is rejected."""

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
import pytest

from chassis.evidence import InclusionProof, Leaf, ProofRejected, check_proof, digest
from standards import merkle, signed_note

BODY = b'{"application_id": "1"}'
SALT = b"0123456789abcdef"
LOG = Ed25519PrivateKey.generate()
VERIFIER_KEY = signed_note.VerifierKey.of("tests/log", LOG).encode()


def _leaves() -> list[Leaf]:
    bodies = [BODY if number == 3 else str(number).encode() for number in range(7)]
    return [
        Leaf(f"event-{n}", "tongban.toy.thing.made.v1", "2026-09-21T01:00:00+00:00", "2026-09-21T01:00:01+00:00", digest(body, SALT))
        for n, body in enumerate(bodies)
    ]


def _proof(signer: Ed25519PrivateKey = LOG, **changed: Any) -> InclusionProof:
    leaves = _leaves()
    frontier, nodes = merkle.Frontier(), dict[tuple[int, int], bytes]()
    for leaf in leaves:
        frontier, stored = frontier.append(merkle.leaf_hash(leaf.text().encode()))
        nodes.update({(node.level, node.index): node.hash for node in stored})
    note = signed_note.sign_note(signed_note.format_checkpoint("tests/log", len(leaves), frontier.root()), "tests/log", signer)
    hashes = merkle.inclusion_proof(3, len(leaves), lambda level, index: nodes[level, index])
    good = {
        "event_id": "event-3", "leaf": leaves[3].text(), "leaf_index": 3, "tree_size": len(leaves),
        "proof": [b64encode(each).decode() for each in hashes], "checkpoint": note, "salt": SALT.hex(),
    }  # fmt: skip
    return InclusionProof.model_validate({**good, **changed})


def test_a_good_proof_names_the_entry() -> None:
    leaf = check_proof(_proof(), verifier_key=VERIFIER_KEY, body=BODY)
    assert (leaf.event_id, leaf.event_type) == ("event-3", "tongban.toy.thing.made.v1")


def test_without_the_body_the_entry_itself_is_proven() -> None:
    assert check_proof(_proof(salt=None), verifier_key=VERIFIER_KEY).event_id == "event-3"


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"leaf": _leaves()[2].text()}, "inclusion"),
        ({"leaf_index": 2}, "inclusion"),
        ({"leaf_index": -1}, "inclusion"),
        ({"leaf_index": 99}, "inclusion"),
        ({"tree_size": 8}, "size"),
        ({"proof": []}, "inclusion"),
        ({"proof": [b64encode(b"x" * 32).decode()] * 3}, "inclusion"),
        ({"proof": ["short"]}, "encoding"),
        ({"proof": ["AAAA"]}, "inclusion"),
        ({"proof": ["!"]}, "encoding"),
        ({"checkpoint": ""}, "checkpoint"),
        ({"checkpoint": "tests/log\n7\nAAAA\n\n"}, "checkpoint"),
        ({"salt": None}, "digest"),
        ({"salt": ""}, "digest"),
        ({"salt": "00"}, "digest"),
        ({"salt": "not hex"}, "encoding"),
        ({"leaf": "\ud800"}, "encoding"),
    ],
)
def test_a_proof_that_is_not_exactly_right_is_rejected_at_its_step(changed: dict[str, Any], step: str) -> None:
    proof = _proof().model_copy(update=changed)
    with pytest.raises(ProofRejected, match=step):
        check_proof(proof, verifier_key=VERIFIER_KEY, body=BODY)


def test_another_body_is_not_the_one_entered() -> None:
    with pytest.raises(ProofRejected, match="digest"):
        check_proof(_proof(), verifier_key=VERIFIER_KEY, body=BODY + b" ")


def test_a_checkpoint_somebody_else_signed_is_rejected() -> None:
    with pytest.raises(ProofRejected, match="checkpoint"):
        check_proof(_proof(Ed25519PrivateKey.generate()), verifier_key=VERIFIER_KEY, body=BODY)
    with pytest.raises(ProofRejected, match="checkpoint"):
        check_proof(_proof(), verifier_key="nonsense", body=BODY)


@pytest.mark.parametrize(
    "text", ["", "tongban-evidence/2\na\nb\nc\nd\ne\n", "tongban-evidence/1\na\nb\nc\nd\n", _leaves()[0].text() + "\n"]
)
def test_a_leaf_of_another_shape_is_rejected(text: str) -> None:
    with pytest.raises(ProofRejected, match="leaf"):
        Leaf.parse(text)
