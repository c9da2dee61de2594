"""Proofs that whoever uses a token holds the key it was issued to (DPoP, RFC 9449), and tokens that one service passes on to another.

A proof is good for one method and URL, for a minute, once. The token endpoint and every route check it here, in the same way.
"""

import base64
from collections import OrderedDict
from dataclasses import dataclass
import hashlib
import hmac
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact
import orjson

ALGORITHMS = ("ES256", "PS256")
SECONDS_GOOD = 60
PASSED_ON_BY = "x-passed-on-by"
"""The token of the service that passes a bound token on: it has checked the proof, which was for itself and not for its peer."""

_MOST_REMEMBERED = 100_000
_SMALLEST_RSA_BITS = 2048
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS))
_REGISTRY.max_header_length = 2048  # an RSA key is in it
_DEFAULT_PORTS = {"http": 80, "https": 443}


class BadProof(Exception):
    """The message says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A good proof: the key's thumbprint (RFC 7638), and the id that must not be seen again until the instant (epoch seconds)."""

    thumbprint: str
    jti: str
    until: float


def check_proof(proof: str, *, method: str, url: str, now: float, token: str | None = None) -> Proof:
    """RFC 9449, 4.3. `url` is the request's, without query; `token` the access token it comes with. Raises BadProof."""
    key = _key_of(proof)
    try:
        claims = jwt.decode(proof, key, registry=_REGISTRY).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadProof("it is not signed by its key") from error
    if claims.get("htm") != method or not _is_same_place(claims.get("htu"), url):
        raise BadProof("it is for another request")
    issued, jti = claims.get("iat"), claims.get("jti")
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not abs(now - issued) <= SECONDS_GOOD:
        raise BadProof("its iat is not now")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200:
        raise BadProof("its jti is text of at most 200 characters")
    if token is not None and not hmac.compare_digest(str(claims.get("ath")).encode("utf-8", "surrogatepass"), _digest(token)):
        raise BadProof("it is for another token")
    return Proof(key.thumbprint(), jti, float(issued) + SECONDS_GOOD)


def _key_of(proof: str) -> ECKey | RSAKey:
    try:
        header = dict(extract_compact(proof.encode("ascii"), registry=_REGISTRY).headers())
        jwk = header.get("jwk")
        if header.get("typ") != "dpop+jwt" or header.get("alg") not in ALGORITHMS:
            raise BadProof(f"it is a dpop+jwt signed with {' or '.join(ALGORITHMS)}")
        if not isinstance(jwk, dict) or "d" in jwk or "k" in jwk:
            raise BadProof("its header has a public key as jwk")
        key = ECKey.import_key(jwk) if header["alg"] == "ES256" else RSAKey.import_key(jwk)
        if isinstance(key, RSAKey) and key.public_key.key_size < _SMALLEST_RSA_BITS:
            raise BadProof(f"RSA keys have at least {_SMALLEST_RSA_BITS} bits")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadProof("it cannot be read") from error
    return key


def _digest(token: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()).rstrip(b"=")


def _is_same_place(claimed: object, url: str) -> bool:
    """Without query and fragment, case of the host and default ports aside (RFC 9449, 4.3, point 9)."""
    if not isinstance(claimed, str):
        return False
    try:
        return _place(claimed) == _place(url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme), parts.path


class SeenProofs:
    """The proofs one process has seen and that could still be used, bounded. `use` is False for one seen before."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], float] = OrderedDict()

    def use(self, proof: Proof, *, now: float) -> bool:
        while self._seen and (next(iter(self._seen.values())) < now or len(self._seen) >= _MOST_REMEMBERED):
            self._seen.popitem(last=False)
        name = (proof.thumbprint, proof.jti)
        if self._seen.get(name, -1.0) >= now:
            return False
        self._seen[name] = now + 2 * SECONDS_GOOD
        return True


def is_bound(token: str) -> bool:
    """Whether an access token is bound to a key; nothing about it is verified."""
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    except (ValueError, IndexError):
        return False
    return isinstance(claims, dict) and "cnf" in claims
