"""What the journey does not take on trust: certificates, signatures and evidence, checked with published keys alone."""

from dataclasses import dataclass

from joserfc import jws
from joserfc.jwk import KeySet
import orjson

from chassis.evidence import InclusionProof, Leaf, ProofRejected, check_proof
from host.demo.gateway import Gateway
from host.demo.receiver import Webhook
from host.demo.story import ACCEPTED, Story
from standards.certificate_id import InvalidCertificateId, parse

_CERTIFICATES = "/api/certificates/v1"
_EXCHANGE = "/api/exchange/v1"


class NotAsExpected(Exception):
    """The suite answered, and the answer is not what it must be."""


def require(holds: bool, zh: str, en: str) -> None:
    """Raises NotAsExpected."""
    if not holds:
        raise NotAsExpected(f"{zh} {en}")


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    name: str
    number: str
    key_id: str


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    event_type: str
    leaf_index: int
    tree_size: int


async def certificate(gateway: Gateway, token: str, story: Story, *, holder: str) -> CheckedCertificate:
    """The certificate of the story: its identifier, its public verification, its signature, its PDF. Raises NotAsExpected."""
    identifier = story.certificate_identifier
    try:
        parse(identifier)
    except InvalidCertificateId as error:
        raise NotAsExpected(f"证照标识有误 the identifier is not valid: {error}") from error
    story.links["verify"] = f"{gateway.origin}{_CERTIFICATES}/verify/{identifier}"
    shown = (await gateway.call("GET", f"{_CERTIFICATES}/verify/{identifier}")).json()
    require(shown["is_genuine"] and shown["status"] == "valid", "公开核验应为有效", "public verification should find it valid")

    place = f"{_CERTIFICATES}/certificates/{story.certificate_id}"
    keys = KeySet.import_key_set((await gateway.call("GET", f"{_CERTIFICATES}/keys")).json())
    signed = (await gateway.call("GET", f"{place}/jws", token=token)).text
    opened = jws.deserialize_compact(signed, keys, algorithms=["ES256"])
    content = orjson.loads(opened.payload)
    require(content["identifier"] == identifier, "签名内容应为这张证照", "the signed text should be this certificate")
    require(content["holder"]["code"] == holder, "持证主体应为申请单位", "the holder should be the applicant")

    pdf = await gateway.call("GET", f"{place}/pdf", token=token)
    require(pdf.content.startswith(b"%PDF-") and b"%%EOF" in pdf.content[-1024:], "应为完整的 PDF", "it should be a whole PDF")
    story.pdf = pdf.content
    story.links["pdf"] = f"{gateway.origin}{place}/pdf"
    return CheckedCertificate(content["type"]["name"], content["number"], str(opened.headers()["kid"]))


async def acceptance_proof(gateway: Gateway, token: str, story: Story) -> CheckedEntry:
    """That the acceptance is in the evidence log, and says this receipt. Raises NotAsExpected, Refused (404 while it is not yet)."""
    answer = (await gateway.call("GET", f"/api/intake/v1/receipts/{story.receipt_number}/proof", token=token)).json()
    body: str = answer["event_body"]
    require(orjson.loads(body)["receipt_number"] == story.receipt_number, "存证内容应为本回执", "the entry should be about this receipt")
    proof = InclusionProof.model_validate(answer["proof"])
    leaf = await _checked(gateway, proof, body.encode())
    require(leaf.event_type == ACCEPTED, "存证应为受理", "the entry should be the acceptance")
    return CheckedEntry(leaf.event_type, proof.leaf_index, proof.tree_size)


async def event_proof(gateway: Gateway, token: str, webhook: Webhook) -> CheckedEntry:
    """That an event a department received is in the log, byte for byte. Raises NotAsExpected, Refused (404 while it is not yet)."""
    answer = await gateway.call("GET", f"{_EXCHANGE}/evidence/proofs/{webhook.event_id}", token=token)
    proof = InclusionProof.model_validate_json(answer.content)
    leaf = await _checked(gateway, proof, webhook.raw)
    return CheckedEntry(leaf.event_type, proof.leaf_index, proof.tree_size)


async def _checked(gateway: Gateway, proof: InclusionProof, body: bytes) -> Leaf:
    """The proof's leaf, checked offline: with nothing but the log's public key. Raises NotAsExpected."""
    key = (await gateway.call("GET", f"{_EXCHANGE}/evidence/key")).text.strip()
    try:
        return check_proof(proof, verifier_key=key, body=body)
    except ProofRejected as error:
        raise NotAsExpected(f"存证证明不成立 the inclusion proof does not hold: {error}") from error
