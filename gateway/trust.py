"""Holds requests to what their tokens say of the client's registration, and vouches for what only the gateway can have seen.

Services refuse tokens that are bound to a certificate or to signatures, unless a service of the suite passes them on (`X-Passed-On-By`):
the gateway does, with its own token, once it has checked. So nobody inside the walls can use a stolen one either.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope

from chassis.actor import Actor
from chassis.dpop import PASSED_ON_BY
from chassis.http import HttpClient, PeerRefused, TokenSource
from chassis.problems import Unauthenticated, Unavailable
from chassis.tokens import TokenVerifier
from gateway.certificates import PASSED_INWARD, certificate_of, demand
from gateway.client_keys import ClientKeys
from gateway.seen_signatures import SeenSignatures
from gateway.signatures import SignatureRefused, SignedBody, SignedRequest, check_signature
from gateway.source import Networks
from gateway.terms import terms_of


@dataclass(frozen=True, slots=True)
class Entry:
    """What a request showed when it came in: headers that vouch for it to the services, and the digest that its body must have."""

    headers: dict[bytes, bytes]
    digest: bytes | None = None


class Trust:
    """`proxies` are those whose word on certificates is believed; `now` is seconds since the epoch."""

    def __init__(
        self, http: HttpClient, tokens: TokenSource, verifier: TokenVerifier, seen: SeenSignatures, *,
        public_url: str, proxies: Networks, now: Callable[[], float],
    ) -> None:  # fmt: skip
        self._keys = ClientKeys(http)
        self._tokens = tokens
        self._verifier = verifier
        self._seen = seen
        self._origin = public_url.rstrip("/")
        self._proxies = proxies
        self._now = now

    async def hold(self, actor: Actor, scope: Scope, raw_path: bytes) -> None:
        """Raises CertificateRefused, SignatureRefused, Unavailable."""
        terms = terms_of(actor.raw_token)
        if not terms.are_held_here:
            return
        if terms.certificate is not None:
            demand(terms.certificate, certificate_of(scope, self._proxies))
        digest = None
        if terms.signed_by is not None:
            digest = await self._check_signature(terms.signed_by, scope, raw_path)
        vouching = {} if terms.has_proofs else await self._vouching()  # proofs are the services' own to check
        scope["state"]["entry"] = Entry(vouching, digest)

    async def introduce(self, scope: Scope) -> None:
        """A client that has no token yet, to identity: with the certificate of its connection, if there is one. Raises Unavailable."""
        found = certificate_of(scope, self._proxies)
        if found is not None:
            scope["state"]["entry"] = Entry({**await self._vouching(), PASSED_INWARD: found.inward()})

    async def _check_signature(self, client_id: str, scope: Scope, raw_path: bytes) -> bytes | None:
        target = raw_path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        request = SignedRequest(scope.get("method", "GET"), self._origin + target.decode("latin-1"), scope["headers"])
        key = await self._keys.key(client_id, request.key_id)
        if key is None:
            raise SignatureRefused("keyid is none of this client's keys")
        signature = check_signature(request, key, now=self._now())
        if not await self._seen.use(client_id, signature.nonce, until=signature.until, now=self._now()):
            raise SignatureRefused("the nonce was used before")
        return signature.digest

    async def _vouching(self) -> dict[bytes, bytes]:
        """Our own token, a new one where its key was withdrawn."""
        try:
            token = await self._tokens.token()
            try:
                await self._verifier.verify(token)
            except Unauthenticated:
                self._tokens.forget()
                token = await self._tokens.token()
        except PeerRefused as refused:  # our own standing with identity is not the client's mistake
            raise Unavailable() from refused
        return {PASSED_ON_BY.encode(): token.encode()}


def vouched(scope: Scope) -> dict[bytes, bytes]:
    """The headers that services are told with a request."""
    entry: Entry | None = scope["state"].get("entry")
    return {} if entry is None else entry.headers


def checked(scope: Scope, receive: Receive) -> Receive:
    """The request's body, which breaks off where it is another than its signature is of."""
    entry: Entry | None = scope["state"].get("entry")
    return receive if entry is None or entry.digest is None else SignedBody(receive, entry.digest)
