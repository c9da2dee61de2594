"""Tokens put together by hand are what any library verifies, and no other key made them."""

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
import pytest

from services.identity.signing import SigningKey

PEM, OTHER = (
    generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() for _ in range(2)
)  # fmt: skip


@given(
    claims=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])) | st.integers(0, 2**53)
    )
)
def test_a_library_reads_and_believes_every_token(claims: dict[str, str | int]) -> None:
    token = SigningKey("k-1", PEM).sign("at+jwt", claims)
    read = jwt.decode(token, ECKey.import_key(PEM), algorithms=["ES256"])
    assert (read.header, read.claims) == ({"alg": "ES256", "typ": "at+jwt", "kid": "k-1"}, claims)


def test_another_key_made_none_of_them() -> None:
    with pytest.raises(BadSignatureError):
        jwt.decode(SigningKey("k-1", OTHER).sign("JWT", {}), ECKey.import_key(PEM), algorithms=["ES256"])
