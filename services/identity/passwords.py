"""Passwords: Argon2id with OWASP's parameters (19 MiB, two passes), off the event loop, two at a time.

Judging a sign-in costs the same whether or not the account exists, so that time does not tell which accounts do.
"""

import unicodedata

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_A_TIME = 2


class Passwords:
    """One per process: the limiter keeps many sign-ins from taking all of its threads and memory."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._limiter = CapacityLimiter(_AT_A_TIME)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await to_thread.run_sync(self._hasher.hash, _normal(password), limiter=self._limiter)

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; with no hash to compare, False after the same work."""
        if password_hash is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody")
            await to_thread.run_sync(self._compare, self._nobody, password, limiter=self._limiter)
            return False
        return await to_thread.run_sync(self._compare, password_hash, password, limiter=self._limiter)

    def _compare(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> bytes:
    """One keyboard's composed characters are another's decomposed ones: the same password (NIST SP 800-63B, 3.1.1.2).

    Outer spaces do not count, because bodies of requests are trimmed and the form of the sign-in page is not.
    """
    return unicodedata.normalize("NFKC", password).strip().encode("utf-8", "surrogatepass")
