"""The keys that clients publish themselves: fetched from the address they registered, kept for a while, fetched anew for a new key id.

While a client's address is away, the keys known last are used: a client that rotates its keys needs nobody's help and no downtime.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import math
import time
from typing import Any

import aiohttp
import orjson
from yarl import URL

from services.identity.rules.client_keys import ClientKey, KeysRefused, key_ids, read_keys

MAX_AGE_SECONDS = 300.0
REFRESH_SECONDS = 5.0
MOST_BYTES = 65_536


@dataclass(slots=True)
class _Known:
    document: Mapping[str, Any] = field(default_factory=dict)
    key_ids: frozenset[str] = frozenset()
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
        """The keys published there that sign assertions. Raises KeysRefused as `document` does, and where there is none of them."""
        return read_keys(await self.document(uri, key_id))

    async def document(self, uri: str, key_id: str | None) -> Mapping[str, Any]:
        """The key set published there, fetched anew for an unknown key id. Raises KeysRefused when it was never fetched and cannot be."""
        known = self._known.setdefault(uri, _Known())
        if self._is_stale(known, key_id):
            async with known.fetching:
                if self._is_stale(known, key_id) and time.monotonic() - known.tried_at > REFRESH_SECONDS:
                    await self._renew(uri, known)
        if not known.document:
            raise KeysRefused("the keys at the client's jwks_uri cannot be fetched")
        return known.document

    def _is_stale(self, known: _Known, key_id: str | None) -> bool:
        is_unknown = key_id is not None and key_id not in known.key_ids
        return is_unknown or time.monotonic() - known.fetched_at > MAX_AGE_SECONDS

    async def _renew(self, uri: str, known: _Known) -> None:
        known.tried_at = time.monotonic()
        try:
            async with self._session.get(URL(uri, encoded=True), allow_redirects=False) as answer:
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                    body += more
            document = orjson.loads(body) if answer.status == 200 and len(body) <= MOST_BYTES else None
            published: Mapping[str, Any] = document if isinstance(document, dict) else {}
            known.key_ids, known.document = key_ids(published), published
            known.fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeysRefused):
            return

    async def close(self) -> None:
        await self._session.close()
