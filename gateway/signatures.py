"""Signed requests (RFC 9421): whether a request is what a client signed, a moment ago, the first time it comes, with the body it signed.

A signature covers at least the method, the whole address under the public origin, the access token, and the body by `Content-Digest`
(RFC 9530, sha-256). The key decides the algorithm, never the request. The body is judged as it passes, and its end does not pass
before it has been judged: what a service gets of another body is broken off.
"""

import base64
import binascii
from dataclasses import dataclass
import hashlib
import hmac
import re
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, MappingKeyResolver, VerifyResult, algorithms
from starlette.types import Message, Receive

from chassis.problems import Text, Unauthenticated
from gateway.client_keys import PublicKey
from gateway.headers import Headers

SECONDS_GOOD = 60
_LONGEST_NONCE = 200
_KEY_ID = re.compile(rb';\s*keyid="([ !#-\[\]-~]{1,200})"')
_DIGEST = re.compile(r"([a-z0-9-]+)=:([A-Za-z0-9+/]*={0,2}):")
_ADDRESSES = ({'"@target-uri"'}, {'"@authority"', '"@path"', '"@query"'})
_ALWAYS = {'"@method"', '"authorization"'}


class SignatureRefused(Unauthenticated):
    """The client registered that its requests are signed, and this one is not, or not well enough."""

    slug = "signature-refused"
    title = Text("请求签名无效", "The request's signature was refused")
    detail = Text(
        "此客户端的请求须按 RFC 9421 签名：覆盖 @method、@target-uri、authorization，有正文时覆盖 content-digest（sha-256），"
        "带 created、keyid 和一次性的 nonce。({reason})",
        "This client signs its requests (RFC 9421): over @method, @target-uri, authorization, and content-digest (sha-256) where there is a "
        "body, with created, keyid and a nonce of one use. ({reason})",
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        wished = '("@method" "@target-uri" "authorization" "content-digest")'
        self.headers["Accept-Signature"] = f'sig={wished};created;nonce="{secrets.token_urlsafe(16)}"'


@dataclass(frozen=True, slots=True)
class _Fields:
    """All header lines in order, as the verifier reads them."""

    lines: Headers

    def items(self) -> list[tuple[str, str]]:
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.lines]


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came; `url` is its address under the public origin."""

    method: str
    url: str
    lines: Headers

    @property
    def headers(self) -> _Fields:
        return _Fields(self.lines)

    @property
    def key_id(self) -> str:
        """The one key it names. Raises SignatureRefused."""
        found = [name for line, value in self.lines if line == b"signature-input" for name in _KEY_ID.findall(value)]
        if len(found) != 1:
            raise SignatureRefused("there is one signature, with a keyid")
        return bytes(found[0]).decode("ascii")

    @property
    def has_body(self) -> bool:
        return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in self.lines)

    @property
    def digest(self) -> bytes | None:
        """The SHA-256 in Content-Digest. Raises SignatureRefused where there is another digest only."""
        said = ",".join(value.decode("latin-1") for name, value in self.lines if name == b"content-digest")
        if not said:
            return None
        members = [_DIGEST.fullmatch(member.strip()) for member in said.split(",")]
        found = [member[2] for member in members if member is not None and member[1] == "sha-256"]
        try:
            [encoded] = found
            return base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise SignatureRefused("content-digest has one sha-256") from error


@dataclass(frozen=True, slots=True)
class Signature:
    """A good signature: what must not be seen again until the instant (epoch seconds), and the digest its body must have."""

    nonce: str
    until: float
    digest: bytes | None


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """By the gateway's clock, below."""


def check_signature(request: SignedRequest, key: PublicKey, *, now: float) -> Signature:
    """Raises SignatureRefused."""
    algorithm = algorithms.ECDSA_P256_SHA256 if isinstance(key, EllipticCurvePublicKey) else algorithms.ED25519
    resolver = MappingKeyResolver(public_keys={request.key_id: key}, private_keys={})
    try:
        [result] = _Verifier(signature_algorithm=algorithm, key_resolver=resolver).verify(request, max_age=None)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise SignatureRefused(str(error) or "it is not of this request, or not by this key") from error
    _check_coverage(request, result)
    created, expires = result.parameters.get("created"), result.parameters.get("expires")
    if not isinstance(created, int) or not abs(now - created) <= SECONDS_GOOD:
        raise SignatureRefused("created is not now")
    if expires is not None and not (isinstance(expires, int) and expires > now):
        raise SignatureRefused("it has expired")
    if not result.nonce or len(result.nonce) > _LONGEST_NONCE:
        raise SignatureRefused(f"nonce is text of at most {_LONGEST_NONCE} characters")
    digest = request.digest
    if not request.has_body and digest not in (None, hashlib.sha256().digest()):
        raise SignatureRefused("the body that was signed is missing")
    return Signature(result.nonce, created + 2 * SECONDS_GOOD, digest)


def _check_coverage(request: SignedRequest, result: VerifyResult) -> None:
    covered = set(result.covered_components)
    wanted = _ALWAYS | ({'"content-digest"'} if request.has_body or request.digest is not None else set())
    if not wanted <= covered or not any(address <= covered for address in _ADDRESSES):
        raise SignatureRefused("it covers too little")


class SignedBody:
    """Receives a body as `receive` does, and lets its last part pass only where the whole is what was signed."""

    def __init__(self, receive: Receive, digest: bytes) -> None:
        self._receive = receive
        self._expected = digest
        self._hash = hashlib.sha256()
        self._held = b""

    async def __call__(self) -> Message:
        """Raises SignatureRefused instead of the last part of another body."""
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            part: bytes = message.get("body", b"")
            self._hash.update(part)
            if not message.get("more_body"):
                if not hmac.compare_digest(self._hash.digest(), self._expected):
                    raise SignatureRefused("the body is not the one that was signed")
                return {"type": "http.request", "body": self._held + part, "more_body": False}
            if part:
                held, self._held = self._held, part
                if held:
                    return {"type": "http.request", "body": held, "more_body": True}
