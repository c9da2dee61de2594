"""The keys that clients publish themselves: fetched from the address they registered, kept for a while, fetched anew for a new key id.

While a client's address is away, the keys known last are used: a client that rotates its keys needs nobody's help and no downtime.
"""

import asyncio
from dataclasses import dataclass, field
import math
import time

import aiohttp
import orjson
from yarl import URL

from services.identity.rules.client_keys import ClientKey, KeysRefused, read_keys

MAX_AGE_SECONDS = 300.0
REFRESH_SECONDS = 5.0
MOST_BYTES = 65_536


@dataclass(slots=True)
class _Known:
    keys: list[ClientKey] = field(default_factory=list)
    fetched_at: float = -math.inf
    tried_at: float = -math.inf
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)


class KeySets:
    """`seconds` is the longest one fetch may take."""

    def __init__(self, *, seconds: float) -> None:
        self._known: dict[str, _Known] = {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=16, limit_per_host=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=seconds),
            auto_decompress=False,
        )

    async def keys(self, uri: str, key_id: str | None) -> list[ClientKey]:
        """The keys published there. Raises KeysRefused when they were never fetched and cannot be."""
        known = self._known.setdefault(uri, _Known())
        if self._is_stale(known, key_id):
            async with known.fetching:
                if self._is_stale(known, key_id) and time.monotonic() - known.tried_at > REFRESH_SECONDS:
                    await self._renew(uri, known)
        if not known.keys:
            raise KeysRefused("the keys at the client's jwks_uri cannot be fetched")
        return known.keys

    def _is_stale(self, known: _Known, key_id: str | None) -> bool:
        is_unknown = key_id is not None and all(key.kid != key_id for key in known.keys)
        return is_unknown or time.monotonic() - known.fetched_at > MAX_AGE_SECONDS

    async def _renew(self, uri: str, known: _Known) -> None:
        known.tried_at = time.monotonic()
        try:
            async with self._session.get(URL(uri, encoded=True), allow_redirects=False) as answer:
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                    body += more
            document = orjson.loads(body) if answer.status == 200 and len(body) <= MOST_BYTES else None
            known.keys = read_keys(document if isinstance(document, dict) else {})
            known.fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeysRefused):
            return

    async def close(self) -> None:
        await self._session.close()
