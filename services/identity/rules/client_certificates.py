"""Certificates that clients prove themselves with (RFC 8705): what is registered of them, and whether one presented is it.

That its holder has the private key, and for `tls_client_auth` that an authority of ours issued it, is what terminated TLS has found.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
import hashlib
import hmac
from typing import Any

from cryptography import x509

from services.identity.rules.client_trust import ClientTrust


class CertificateRefused(Exception):
    """The message says why, to the client's developer."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A certificate as the connection had it. `is_trusted`: it was issued by an authority that the entrance knows."""

    der: bytes
    is_trusted: bool

    @property
    def thumbprint(self) -> str:
        """`x5t#S256` (RFC 8705, 3.1)."""
        return thumbprint(self.der)


def thumbprint(der: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def is_subject_name(text: str) -> bool:
    """Whether it is a distinguished name as RFC 4514 writes it, of at least one part."""
    try:
        return bool(list(x509.Name.from_rfc4514_string(text)))
    except ValueError:
        return False


def registered_thumbprints(jwks: Mapping[str, Any]) -> frozenset[str]:
    """Of the certificates a client registered with its keys: `x5t#S256`, or the first of `x5c`."""
    found = set()
    entries = jwks.get("keys")
    for key in [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []:
        if isinstance(key.get("x5t#S256"), str):
            found.add(key["x5t#S256"])
        chain = key.get("x5c")
        if isinstance(chain, list) and chain and isinstance(chain[0], str):
            try:
                found.add(thumbprint(base64.b64decode(chain[0], validate=True)))
            except (binascii.Error, ValueError):
                continue
    return frozenset(found)


def check_certificate(presented: Presented, trust: ClientTrust, jwks: Mapping[str, Any], *, now: datetime) -> None:
    """Whether it is the client's. Raises CertificateRefused."""
    try:
        certificate = x509.load_der_x509_certificate(presented.der)
        names = _dns_names(certificate)
        subject = certificate.subject
    except ValueError as error:
        raise CertificateRefused("the certificate cannot be read") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise CertificateRefused("the certificate is not valid at this time")
    if trust.token_endpoint_auth_method == "self_signed_tls_client_auth":
        if not any(hmac.compare_digest(presented.thumbprint, one) for one in registered_thumbprints(jwks) if one.isascii()):
            raise CertificateRefused("the certificate is none of those registered (x5c or x5t#S256 in the client's keys)")
        return
    if not presented.is_trusted:
        raise CertificateRefused("the certificate was not issued by an authority that the entrance trusts")
    if trust.tls_client_auth_subject_dn is not None and x509.Name.from_rfc4514_string(trust.tls_client_auth_subject_dn) == subject:
        return
    if trust.tls_client_auth_san_dns is not None and trust.tls_client_auth_san_dns.lower() in names:
        return
    raise CertificateRefused("the certificate names somebody else")


def _dns_names(certificate: x509.Certificate) -> frozenset[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(name.lower() for name in extension.value.get_values_for_type(x509.DNSName))
