"""The evidence of an acceptance: what its holder needs to prove it to anyone, without asking us."""

from dataclasses import dataclass

from chassis.evidence import InclusionProof
from chassis.runtime import Runtime
from services.intake import store
from services.intake.errors import ProofNotReady
from services.intake.rules.application import Receipt


@dataclass(frozen=True, slots=True)
class ReceiptProof:
    """`event_body` is the exact text whose salted digest `proof.leaf` carries."""

    receipt: Receipt
    event_body: str
    proof: InclusionProof


async def prove_receipt(runtime: Runtime, receipt: Receipt) -> ReceiptProof:
    """Asks the evidence log; no transaction may be open. Raises ProofNotReady, Unavailable."""
    proof = await runtime.evidence.proof(receipt.event_id)
    if proof is None:
        raise ProofNotReady()
    return ReceiptProof(receipt, receipt.event_body, proof)
