"""Sends one webhook: a CloudEvent in HTTP binary mode, signed by RFC 9421 with its body's digest (RFC 9530).

A receiver needs only the public key at `GET /keys`: the signature covers method, URL, content type, digest and every `ce-` header.
Redirects are not followed; of the answer only the status counts, and no more of it than that is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
import re
import socket
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms
from yarl import URL

from services.exchange.keys import WebhookKey
from services.exchange.rules.subscriptions import may_be_public

LABEL = "tongban"
TAG = "tongban-webhook"

_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")
_UNQUOTED = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: the subscriber's status, or why there was none."""

    status: int | None = None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class _Message:
    """What the signer signs."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class WebhookSender:
    """Sends and signs. `timeout` is seconds for all of one attempt."""

    def __init__(self, key: WebhookKey, *, timeout: float, allow_private: bool, connections: int) -> None:
        self._key = key
        self._allow_private = allow_private
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519, key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.key_id: key.private})
        )
        resolver = None if allow_private else _PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=15, resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=timeout),
            auto_decompress=False,
        )

    async def close(self) -> None:
        await self._session.close()

    def signed_headers(self, url: str, attributes: Mapping[str, str], body: bytes, *, at: datetime) -> dict[str, str]:
        """The headers of a webhook, signature included."""
        headers = {"content-type": "application/json"}
        headers |= {f"ce-{name}": quote(value, safe=_UNQUOTED) for name, value in attributes.items() if _ATTRIBUTE.fullmatch(name)}
        message = _Message("POST", url, headers)
        covered = ["@method", "@target-uri", "content-digest", *sorted(headers)]
        self._signer.sign(message, key_id=self._key.key_id, created=at, label=LABEL, tag=TAG, covered_component_ids=covered, body=body)
        return message.headers

    async def send(self, url: str, attributes: Mapping[str, str], body: bytes, *, delivery_id: str, attempt: int, at: datetime) -> Outcome:
        """One attempt; never raises for what a subscriber does."""
        if not self._allow_private and not may_be_public(urlsplit(url).hostname or ""):
            return Outcome(error="private-address")
        headers = self.signed_headers(url, attributes, body, at=at)
        headers |= {"user-agent": "tongban-exchange", "tongban-delivery": delivery_id, "tongban-attempt": str(attempt)}
        try:
            async with self._session.post(URL(url, encoded=True), data=body, headers=headers, allow_redirects=False) as answer:
                return Outcome(status=answer.status)
        except TimeoutError:
            return Outcome(error="timeout")
        except aiohttp.ClientConnectorError as error:
            return Outcome(error="private-address" if isinstance(error.os_error, _PrivateAddress) else "not-reached")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(error=type(error).__name__)


class _PrivateAddress(OSError):
    """A name stands for an address that is not on the open internet."""


class _PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, at the moment of connecting: a name cannot be turned inward after a check."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(may_be_public(result["host"]) for result in found):
            raise _PrivateAddress(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()
