"""Keys a client registers, and the assertions it proves itself with (`private_key_jwt`: RFC 7523, OpenID Connect Core 9).

Only asymmetric algorithms that FAPI 2.0 allows; the algorithm must be one for the key's type, so a public key is never a secret.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import extract_compact
import orjson

ALGORITHMS = ("ES256", "PS256")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_KEYS = 10
LONGEST_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)

_SMALLEST_RSA_BITS = 2048
_ED25519 = ("OKP", "Ed25519")
ClientKey = ECKey | RSAKey
RequestKey = ECKey | OKPKey


class KeysRefused(Exception):
    """Keys that cannot be registered or used; the message says which and why."""


class AssertionRefused(Exception):
    """The message says why, to the client's developer."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A good assertion; its `jti` must not be seen again before it has expired."""

    jti: str
    expires_at: datetime


def read_keys(document: Mapping[str, Any], *, may_only_sign_requests: bool = False) -> list[ClientKey]:
    """The keys of a JWK set for assertions. Raises KeysRefused when there is none, or a key in it that must not be there.

    One of Ed25519 is for signing requests: with `may_only_sign_requests` there may be no other.
    """
    keys = _signing_keys(document)
    found = [key for key in keys if isinstance(key, ECKey | RSAKey)]
    if not found and not may_only_sign_requests:
        raise KeysRefused("there is no key for signatures")
    return found


def request_keys(document: Mapping[str, Any]) -> dict[str, RequestKey]:
    """The keys of a JWK set that sign requests (RFC 9421), by their `kid` or else their thumbprint (RFC 7638). Raises KeysRefused."""
    found = [key for key in _signing_keys(document) if isinstance(key, ECKey | OKPKey)]
    named = {key.kid or key.thumbprint(): key for key in found}
    if not named:
        raise KeysRefused("there is no P-256 or Ed25519 key, which requests are signed with")
    if len(named) < len(found):
        raise KeysRefused("two keys have the same kid")
    return named


def key_ids(document: Mapping[str, Any]) -> frozenset[str]:
    """The names that a JWK set's keys go by. Raises KeysRefused."""
    return frozenset(name for key in _signing_keys(document) for name in (key.kid, key.thumbprint()) if name)


def _signing_keys(document: Mapping[str, Any]) -> list[ClientKey | OKPKey]:
    entries = document.get("keys")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_KEYS or not all(isinstance(one, dict) for one in entries):
        raise KeysRefused(f"keys is a list of 1 to {MOST_KEYS} JWKs")
    signing = [one for one in entries if one.get("use", "sig") == "sig"]
    if any("d" in one or (one.get("kty") not in ("EC", "RSA") and (one.get("kty"), one.get("crv")) != _ED25519) for one in signing):
        raise KeysRefused("each key is a public one of kty EC or RSA, or of the curve Ed25519")
    try:
        keys = KeySet.import_key_set({"keys": signing}).keys
        sized = [key for key in keys if isinstance(key, ECKey | RSAKey | OKPKey)]
        _check_sizes(sized)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeysRefused("a key cannot be read") from error
    return sized


def _check_sizes(keys: Sequence[ClientKey | OKPKey]) -> None:
    for key in keys:
        if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA_BITS:
            raise KeysRefused(f"RSA keys have at least {_SMALLEST_RSA_BITS} bits")
        if isinstance(key, ECKey) and key.curve_name != "P-256":
            raise KeysRefused("EC keys are of the curve P-256")


def named_in(assertion: str) -> tuple[str, str | None]:
    """The client an assertion says it comes from, and the id of the key it says signed it; nothing is proven. Raises AssertionRefused."""
    header, claims = _unverified(assertion)
    if header.get("alg") not in ALGORITHMS:
        raise AssertionRefused(f"the assertion is signed with {' or '.join(ALGORITHMS)}")
    subject, key_id = claims.get("sub"), header.get("kid")
    if not isinstance(subject, str) or (key_id is not None and not isinstance(key_id, str)):
        raise AssertionRefused("the assertion has a sub, and a kid that is text")
    return subject, key_id


def _unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        extracted = extract_compact(assertion.encode("ascii"))
        claims = orjson.loads(extracted.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise AssertionRefused("the assertion is not a signed JWT") from error
    if not isinstance(claims, dict):
        raise AssertionRefused("the assertion is not a signed JWT")
    return dict(extracted.headers()), claims


def check_assertion(
    assertion: str, keys: Sequence[ClientKey], *, client_id: str, audiences: Collection[str], now: datetime
) -> Assertion:  # fmt: skip
    """The assertion, for one of the audiences and nobody else; as a text, where there is only one. Raises AssertionRefused."""
    _, key_id = named_in(assertion)
    claims = _signed_by_one_of([key for key in keys if key_id is None or key.kid == key_id], assertion)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefused("iss and sub are the client_id")
    audience = claims.get("aud")
    named = audience[0] if isinstance(audience, list) and len(audience) == 1 and len(audiences) > 1 else audience
    if not isinstance(named, str) or named not in audiences:
        raise AssertionRefused(f"aud is one of: {', '.join(sorted(audiences))}")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
        raise AssertionRefused("jti is text of at most 200 characters")
    instants = [_instant(claims.get(name)) for name in ("exp", "iat", "nbf")]
    expires, issued, begins = instants
    if expires is None or not now - SKEW < expires <= now + LONGEST_LIFE + SKEW:
        raise AssertionRefused(f"exp is at most {int(LONGEST_LIFE.total_seconds())} seconds away and not past")
    if any(one is not None and one > now + SKEW for one in (issued, begins)):
        raise AssertionRefused("the assertion is not valid yet")
    return Assertion(jti, expires + SKEW)


def _signed_by_one_of(keys: Sequence[ClientKey], assertion: str) -> dict[str, Any]:
    for key in keys:
        try:
            return dict(jwt.decode(assertion, key, algorithms=["ES256" if isinstance(key, ECKey) else "PS256"]).claims)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    raise AssertionRefused("the assertion is not signed by a key of this client")


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise AssertionRefused("an instant in the assertion is out of range") from error
