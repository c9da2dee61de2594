"""The key a client proves to hold when it asks for tokens: by a proof (DPoP, RFC 9449, 5) or its certificate (RFC 8705, 3)."""

from datetime import UTC, datetime

from fastapi import Request

from chassis.access import public_url_of
from chassis.dpop import SECONDS_GOOD, BadProof, check_proof
from services.identity.api.presented_certificates import presented_certificate
from services.identity.commands.redeem import HeldKey
from services.identity.errors import OAuthRefused
from services.identity.parts import Parts
from services.identity.rules.authorization import Fault
from services.identity.rules.clients import Client
from services.identity.store import once


async def held_key(request: Request, client: Client, parts: Parts) -> HeldKey:
    """The key of the request's proof, or its certificate; none without a proof, where the client may have bearer tokens. Raises OAuthRefused."""
    proofs = request.headers.getlist("dpop")
    if client.trust.tls_client_certificate_bound_access_tokens:
        presented = await presented_certificate(request, parts)
        if presented is None or proofs:
            raise OAuthRefused(
                Fault("invalid_request", "the client's tokens are bound to its certificate: connect with one, without a proof")
            )
        return HeldKey(certificate=presented.thumbprint)
    if not proofs and not client.dpop_bound_access_tokens:
        return HeldKey()
    if len(proofs) != 1:
        raise OAuthRefused(Fault("invalid_dpop_proof", "one DPoP proof is required"))
    try:
        proof = check_proof(proofs[0], method=request.method, url=public_url_of(request), now=parts.clock.now().timestamp())
    except BadProof as error:
        raise OAuthRefused(Fault("invalid_dpop_proof", f"the proof is refused: {error}")) from error
    until = datetime.fromtimestamp(proof.until + SECONDS_GOOD, UTC)
    async with parts.db.write() as tx:
        is_first = await once.use(tx, "dpop", proof.thumbprint, proof.jti, until)
    if not is_first:
        raise OAuthRefused(Fault("invalid_dpop_proof", "the proof was used before"))
    return HeldKey(proof.thumbprint, binds_refreshing=client.kind == "public")
