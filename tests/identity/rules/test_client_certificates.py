"""What is read of a certificate and of what a client registered, however strange."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.identity.rules.client_certificates import (
    CertificateRefused,
    Presented,
    check_certificate,
    is_subject_name,
    registered_thumbprints,
)
from services.identity.rules.client_trust import ClientTrust

NOW = datetime(2026, 9, 21, tzinfo=UTC)
BY_NAME = ClientTrust(token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn="CN=税务系统,O=税务局,C=CN")
OWN = ClientTrust(token_endpoint_auth_method="self_signed_tls_client_auth")


def certificate(**parts: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    written = {"COUNTRY_NAME": "CN", "ORGANIZATION_NAME": "税务局", "COMMON_NAME": "税务系统", **parts}
    name = x509.Name([x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in written.items()])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_a_name_is_the_same_in_whatever_way_rfc_4514_lets_it_be_written() -> None:
    presented = Presented(certificate(), is_trusted=True)
    for written in ("CN=税务系统,O=税务局,C=CN", r"CN=\E7\A8\8E\E5\8A\A1系统,O=税务局,C=CN"):
        check_certificate(presented, ClientTrust(tls_client_auth_subject_dn=written), {}, now=NOW)


@pytest.mark.parametrize("parts", [{"COMMON_NAME": "税务系统2"}, {"ORGANIZATION_NAME": "别的局"}, {"ORGANIZATIONAL_UNIT_NAME": "一处"}])
def test_attack_a_name_that_is_nearly_the_clients(parts: dict[str, str]) -> None:
    with pytest.raises(CertificateRefused, match="somebody else"):
        check_certificate(Presented(certificate(**parts), is_trusted=True), BY_NAME, {}, now=NOW)


def test_attack_a_name_within_a_name() -> None:
    """A common name that reads like the end of the subject is not the subject."""
    with pytest.raises(CertificateRefused, match="somebody else"):
        check_certificate(Presented(certificate(COMMON_NAME="税务系统,O=税务局,C=CN"), is_trusted=True), BY_NAME, {}, now=NOW)


def test_the_authority_counts_for_names_and_not_for_a_clients_own() -> None:
    der = certificate()
    with pytest.raises(CertificateRefused, match="authority"):
        check_certificate(Presented(der, is_trusted=False), BY_NAME, {}, now=NOW)
    own = {"keys": [{"x5c": [base64.b64encode(der).decode()]}]}
    check_certificate(Presented(der, is_trusted=False), OWN, own, now=NOW)
    with pytest.raises(CertificateRefused, match="none of those"):
        check_certificate(Presented(certificate(), is_trusted=True), OWN, own, now=NOW)


@pytest.mark.parametrize("days", [-2, 2])
def test_a_certificate_is_good_in_its_time(days: int) -> None:
    der = certificate()
    own = {"keys": [{"x5t#S256": Presented(der, is_trusted=False).thumbprint}]}
    with pytest.raises(CertificateRefused, match="this time"):
        check_certificate(Presented(der, is_trusted=True), OWN, own, now=NOW + timedelta(days=days))


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(CertificateRefused):
        check_certificate(Presented(der, is_trusted=True), BY_NAME, {}, now=NOW)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text: str) -> None:
    assert is_subject_name(text) in (True, False)


_json = st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["keys", "x5c", "x5t#S256", "kty"]), inner, max_size=4
), max_leaves=12)  # fmt: skip


@given(_json)
def test_of_any_document_the_certificates_are_read_or_there_are_none(document: Any) -> None:
    found = registered_thumbprints(document if isinstance(document, dict) else {})
    assert all(isinstance(one, str) for one in found)
