"""Evidence: the client of the Merkle log, and offline checking of what it answers.

The log takes salted digests of events. `EvidenceClient` fetches the proof of an event; `check_proof` proves, with the log's public
key alone, that the event's exact bytes are in the log under a signed checkpoint.
"""

from base64 import b64decode
from dataclasses import dataclass
import hashlib
import hmac
from uuid import UUID

from pydantic import BaseModel

from chassis.http import HttpClient
from chassis.problems import NotFound
from standards import merkle, signed_note


class InclusionProof(BaseModel):
    """What the log answers for one entry. Hashes are base64; `checkpoint` is a C2SP signed note.

    `leaf` is the exact text hashed into the log; it names the event and carries `digest`, the HMAC-SHA256 of the event's
    body under `salt`. The salt is given only to those who may read the event.
    """

    event_id: str
    leaf: str
    leaf_index: int
    tree_size: int
    proof: list[str]
    checkpoint: str
    salt: str | None = None


class ProofRejected(Exception):
    """The proof does not hold; the message says at which step."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The facts of an entry, in the order they are hashed: one per line."""

    event_id: str
    event_type: str
    event_time: str
    entered_at: str
    digest: str

    def text(self) -> str:
        return f"tongban-evidence/1\n{self.event_id}\n{self.event_type}\n{self.event_time}\n{self.entered_at}\n{self.digest}\n"

    @classmethod
    def parse(cls, text: str) -> "Leaf":
        """Raises ProofRejected."""
        lines = text.split("\n")
        if len(lines) != 7 or lines[0] != "tongban-evidence/1" or lines[6]:
            raise ProofRejected("leaf")
        return cls(*lines[1:6])


def digest(body: bytes, salt: bytes) -> str:
    """The salted digest of an event's body, hex."""
    return hmac.new(salt, body, hashlib.sha256).hexdigest()


def check_proof(proof: InclusionProof, *, verifier_key: str, body: bytes | None = None) -> Leaf:
    """The entry, proven to be in the log that `verifier_key` signs; with `body`, also that it is about these bytes.

    Raises ProofRejected.
    """
    try:
        note = signed_note.verify_note(proof.checkpoint, [signed_note.VerifierKey.parse(verifier_key)])
        checkpoint = signed_note.parse_checkpoint(note.text)
    except ValueError as error:
        raise ProofRejected("checkpoint") from error
    if checkpoint.size != proof.tree_size:
        raise ProofRejected("size")
    try:
        hashes = [b64decode(p, validate=True) for p in proof.proof]
        salt = bytes.fromhex(proof.salt or "")
        entry = merkle.leaf_hash(proof.leaf.encode())
    except ValueError as error:
        raise ProofRejected("encoding") from error
    if not merkle.verify_inclusion(entry, proof.leaf_index, proof.tree_size, hashes, checkpoint.root):
        raise ProofRejected("inclusion")
    leaf = Leaf.parse(proof.leaf)
    if body is not None and (not salt or leaf.digest != digest(body, salt)):
        raise ProofRejected("digest")
    return leaf


class EvidenceClient:
    """Asks the exchange for proofs."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def proof(self, event_id: UUID) -> InclusionProof | None:
        """The inclusion proof of an event, or None while it is not in the log yet. Raises Unavailable."""
        try:
            answer = await self._http.get("exchange", f"/evidence/proofs/{event_id}", as_service=True)
        except NotFound:
            return None
        return InclusionProof.model_validate_json(answer.body)
