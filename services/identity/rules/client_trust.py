"""What a client registers beyond an ordinary one: signed requests (RFC 9421), certificates (RFC 8705), a quota of its own.

All of it reaches the gateway as claims of the client's tokens: who refuses or forgets to look at them refuses the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ByCertificate = Literal["tls_client_auth", "self_signed_tls_client_auth"]
QUOTA_CLAIM = "rl"
SIGNED_BY = "signed_by"
"""A member of `cnf`: the client whose keys sign every request that the token comes with."""
LARGEST_QUOTA = 10_000_000


@dataclass(frozen=True, slots=True)
class ClientTrust:
    """`request_quota` is in requests a window of the gateway; None: as everybody's. Names of the rest are RFC 8705's.

    A client with an authentication method here proves itself by its certificate, and by nothing else.
    """

    signs_requests: bool = False
    request_quota: int | None = None
    token_endpoint_auth_method: ByCertificate | None = None
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_certificate_bound_access_tokens: bool = False

    @property
    def uses_certificates(self) -> bool:
        return self.token_endpoint_auth_method is not None or self.tls_client_certificate_bound_access_tokens


FACTS = tuple(ClientTrust.__slots__)


def trust_of(row: Mapping[str, Any]) -> ClientTrust:
    """What a registration, or a request for one, says of it."""
    return ClientTrust(**{name: row[name] for name in FACTS if row.get(name) is not None})


def with_trust(claims: dict[str, Any], trust: ClientTrust, *, certificate: str | None) -> dict[str, Any]:
    """An access token's claims with what its client's registration asks of every request. `certificate` is its `x5t#S256`."""
    if trust.request_quota is not None:
        claims[QUOTA_CLAIM] = trust.request_quota
    if certificate is not None:
        claims["cnf"] = {**claims.get("cnf", {}), "x5t#S256": certificate}
    if trust.signs_requests:
        claims["cnf"] = {**claims.get("cnf", {}), SIGNED_BY: claims["client_id"]}
    return claims
