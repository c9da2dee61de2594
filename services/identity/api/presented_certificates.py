"""The certificate of the client's connection, as the gateway passes it on, and what it proves (RFC 8705).

It is believed of a service of the suite only, which says so with its own token: from anybody else the header means nothing.
"""

import base64
import binascii

from fastapi import Request

from chassis.dpop import PASSED_ON_BY
from chassis.problems import Unauthenticated
from services.identity.errors import ClientRefused
from services.identity.parts import Parts
from services.identity.rules.client_certificates import CertificateRefused, Presented, check_certificate, registered_thumbprints
from services.identity.rules.client_keys import KeysRefused
from services.identity.rules.clients import Client

HEADER = "x-tongban-certificate"
"""`trusted` or `presented`, and the certificate's DER in base64."""


async def presented_certificate(request: Request, parts: Parts) -> Presented | None:
    """None where there is none, or nobody of the suite vouches for it."""
    said, vouching = request.headers.get(HEADER), request.headers.get(PASSED_ON_BY)
    if said is None or vouching is None:
        return None
    state, _, encoded = said.partition(" ")
    try:
        if (await parts.verifier.verify(vouching)).kind != "service":
            return None
        return Presented(base64.b64decode(encoded, validate=True), is_trusted=state == "trusted")
    except (Unauthenticated, binascii.Error, ValueError):
        return None


async def demand_certificate(request: Request, client: Client, parts: Parts) -> None:
    """Whether the connection's certificate proves the client. Raises ClientRefused."""
    presented = await presented_certificate(request, parts)
    if presented is None:
        raise ClientRefused("this client proves itself by a certificate, and the connection has none")
    try:
        jwks = client.jwks
        if jwks is None and client.jwks_uri is not None and client.trust.token_endpoint_auth_method == "self_signed_tls_client_auth":
            jwks = await parts.key_sets.document(client.jwks_uri, None)
            if presented.thumbprint not in registered_thumbprints(jwks):  # renewed since we looked?
                jwks = await parts.key_sets.document(client.jwks_uri, presented.thumbprint)
        check_certificate(presented, client.trust, jwks or {}, now=parts.clock.now())
    except (CertificateRefused, KeysRefused) as refusal:
        raise ClientRefused(str(refusal)) from refusal
