"""Signatures are good once: what all workers have seen of them, in the gateway's database, and each worker's own in memory before that.

A request that is signed costs a trip to the database, which is the price of being good once and not once for each worker. With the
database away such requests are refused (503): who asked for signatures asked for that.
"""

import asyncio
from collections import OrderedDict
import hashlib
import time

from chassis.database import Database
from chassis.logs import get_logger
from chassis.problems import Unavailable

log = get_logger("tongban.gateway")

_MOST_REMEMBERED = 100_000
_LONGEST_TRIP = 2.0
_SWEEP_SECONDS = 30.0


class SeenSignatures:
    """Without a database, one worker's alone. Instants are seconds since the epoch."""

    def __init__(self, db: Database | None) -> None:
        self._db = db
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._swept_at = time.monotonic()

    async def use(self, client_id: str, nonce: str, *, until: float, now: float) -> bool:
        """False for one used before by this client. Raises Unavailable."""
        digest = hashlib.sha256(f"{client_id}\n{nonce}".encode("utf-8", "surrogatepass")).digest()
        while self._seen and (next(iter(self._seen.values())) < now or len(self._seen) >= _MOST_REMEMBERED):
            self._seen.popitem(last=False)
        if self._seen.get(digest, -1.0) >= now:
            return False
        self._seen[digest] = until
        return self._db is None or await self._is_first(self._db, digest, until, now)

    async def _is_first(self, db: Database, digest: bytes, until: float, now: float) -> bool:
        is_due = time.monotonic() - self._swept_at > _SWEEP_SECONDS
        try:
            async with asyncio.timeout(_LONGEST_TRIP), db.write() as tx:
                connection = await tx.asyncpg()
                added = await connection.execute(
                    "INSERT INTO seen_signatures (digest, until) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING", digest, int(until) + 1
                )
                if is_due:
                    self._swept_at = time.monotonic()
                    await connection.execute("DELETE FROM seen_signatures WHERE until < $1", int(now))
        except Exception as error:
            self._seen.pop(digest, None)  # it was not used: the client may send it again
            log.warning("a signed request could not be checked against replay", error=repr(error))
            raise Unavailable() from error
        return bool(added == "INSERT 0 1")
