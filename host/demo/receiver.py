"""A department system's end of a subscription: an HTTP server on loopback that believes only what is signed.

Every webhook is verified (RFC 9421, and RFC 9530 for its body) with the exchange's published keys before it is read; the same event
twice is one event, as at-least-once delivery asks of every receiver.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
import secrets
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, MappingKeyResolver, algorithms
from joserfc.jwk import OKPKey
import orjson

TAG = "tongban-webhook"
_COVERED = ("@method", "@target-uri", "content-digest", "content-type", "ce-id", "ce-type", "ce-time")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One verified event. `raw` is its body, byte for byte."""

    event_id: str
    event_type: str
    raw: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.raw)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the verifier reads of a request."""

    method: str
    url: str
    headers: Mapping[str, str]


class Receiver:
    """Collects verified webhooks. `refused` counts those that were not: 401 was their answer.

    `max_age` is how old a signature may be; None where the suite under rehearsal keeps another date.
    """

    def __init__(self, url: str, *, max_age: timedelta | None) -> None:
        self.url = url
        self.refused = 0
        self.received: dict[str, Webhook] = {}
        self._max_age = max_age
        self._verifier: HTTPMessageVerifier | None = None
        self._arrived = asyncio.Condition()

    def trust(self, key_set: Mapping[str, Any]) -> None:
        """Believe signatures of these public keys (a JWK set) from now on."""
        imported = {key["kid"]: OKPKey.import_key(key).public_key for key in key_set["keys"]}
        keys = {key_id: key for key_id, key in imported.items() if isinstance(key, Ed25519PublicKey)}
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519, key_resolver=MappingKeyResolver(public_keys=keys, private_keys={})
        )

    async def wait_for(self, event_type: str, application_id: str) -> Webhook:
        """The event of this type about this application, when it has come."""
        async with self._arrived:
            while True:
                for webhook in self.received.values():
                    if webhook.event_type == event_type and webhook.body.get("application_id") == application_id:
                        return webhook
                await self._arrived.wait()

    async def take(self, request: web.Request) -> web.Response:
        """The route webhooks are posted to."""
        raw = await request.read()
        if self._verifier is None or not self._is_genuine(self._verifier, request, raw):
            self.refused += 1
            return web.Response(status=401)
        webhook = Webhook(request.headers["ce-id"], request.headers["ce-type"], raw)
        async with self._arrived:
            self.received.setdefault(webhook.event_id, webhook)
            self._arrived.notify_all()
        return web.Response(status=204)

    def _is_genuine(self, verifier: HTTPMessageVerifier, request: web.Request, raw: bytes) -> bool:
        signed = _Signed(request.method, self.url, {name.lower(): value for name, value in request.headers.items()})
        try:
            verifier.verify(signed, max_age=self._max_age, expect_tag=TAG, require_components=_COVERED, body=raw)
        except HTTPMessageSignaturesException:
            return False
        return True


@asynccontextmanager
async def receiving(*, max_age: timedelta | None = timedelta(minutes=10)) -> AsyncIterator[Receiver]:
    """A receiver on a free loopback port and a path nobody guesses, while the block runs."""
    app = web.Application(client_max_size=1 << 20)
    runner = web.AppRunner(app, access_log=None)
    path = f"/webhooks/{secrets.token_urlsafe(12)}"
    receiver: Receiver | None = None

    async def take(request: web.Request) -> web.Response:
        assert receiver is not None
        return await receiver.take(request)

    app.router.add_post(path, take)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        receiver = Receiver(f"http://127.0.0.1:{port}{path}", max_age=max_age)
        yield receiver
    finally:
        await runner.cleanup()
