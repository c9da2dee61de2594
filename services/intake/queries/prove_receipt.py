"""The evidence of an acceptance: what its holder needs to prove it to anyone, without asking us."""

from chassis.evidence import EvidenceClient, InclusionProof
from services.intake.errors import ProofNotReady
from services.intake.rules.application import Receipt


async def prove_receipt(evidence: EvidenceClient, receipt: Receipt) -> InclusionProof:
    """The proof of the acceptance's event, from the log; no transaction may be open. Raises ProofNotReady, Unavailable."""
    proof = await evidence.proof(receipt.event_id)
    if proof is None:
        raise ProofNotReady()
    return proof
