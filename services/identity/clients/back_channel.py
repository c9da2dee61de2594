"""Tells a client's back-channel address that a session ended (OpenID Connect Back-Channel Logout 1.0, 2.5)."""

from dataclasses import dataclass

import aiohttp
from yarl import URL


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: the client's status, or why there was none."""

    status: int | None = None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.status in (200, 204)


class BackChannel:
    """`seconds` is the longest one attempt may take. Redirects are not followed, and of the answer only the status counts."""

    def __init__(self, *, seconds: float, connections: int) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, limit_per_host=max(1, connections // 4)),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=seconds),
            auto_decompress=False,
        )

    async def send(self, uri: str, logout_token: str) -> Outcome:
        """One attempt; never raises for what a client does."""
        try:
            async with self._session.post(URL(uri, encoded=True), data={"logout_token": logout_token}, allow_redirects=False) as answer:
                return Outcome(status=answer.status)
        except TimeoutError:
            return Outcome(error="timeout")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(error=type(error).__name__)

    async def close(self) -> None:
        await self._session.close()
