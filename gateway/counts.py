"""What callers used of their quotas, shared by all workers of the gateway without a round trip for each request.

A worker counts by itself and reports in batches: every `REPORT_SECONDS`, and before one caller's unreported requests exceed a slice,
a twentieth of the quota. The answer to a report is what all workers counted, and a worker grants nothing beyond what it knows of.

The bound: of a quota q, W workers grant at most q + (W - 1) slices. For take each worker's requests since its last report: at most a
slice. The worker whose last report was the latest knew of everything else when it granted, and kept within q.

While the database is away each worker keeps the quotas by itself (at most W quotas), and reports when it returns.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
import math
import time
from typing import Any, Protocol

from chassis.database import Database
from chassis.logs import get_logger

log = get_logger("tongban.gateway")

REPORT_SECONDS = 0.5
SLICE = 0.05
_LONGEST_REPORT = 1.0
_PAUSE_WHEN_AWAY = 5.0
_SWEEP_SECONDS = 30.0

Window = tuple[bytes, int]
"""Whose count, and when its window ends in seconds since the epoch."""


class CountStore(Protocol):
    """Adds up what workers report."""

    async def add(self, used: Sequence[tuple[Window, int]]) -> dict[Window, int]:
        """The totals of these windows after adding."""
        ...

    async def sweep(self, before: int) -> None:
        """Forget windows that ended before."""
        ...


class PostgresCounts:
    """In the gateway's database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, used: Sequence[tuple[Window, int]]) -> dict[Window, int]:
        rows = sorted(used)  # in one order everywhere, so that two workers never wait for each other
        async with self._db.write() as tx:
            found = await (await tx.asyncpg()).fetch(
                "INSERT INTO rate_counts (key, ends_at, used) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[])"
                " ON CONFLICT (key, ends_at) DO UPDATE SET used = rate_counts.used + excluded.used RETURNING key, ends_at, used",
                [key for (key, _), _ in rows],
                [ends for (_, ends), _ in rows],
                [count for _, count in rows],
            )
        return {(bytes(row["key"]), row["ends_at"]): row["used"] for row in found}

    async def sweep(self, before: int) -> None:
        async with self._db.write() as tx:
            await (await tx.asyncpg()).execute("DELETE FROM rate_counts WHERE ends_at < $1", before)


@dataclass(slots=True)
class _Count:
    """One window: what all workers reported when last heard, and what this one granted since."""

    known: int = 0
    unreported: int = 0


class Counts:
    """One worker's view of what was used."""

    def __init__(self, store: CountStore | None) -> None:
        self._store = store
        self._counts: dict[Window, _Count] = {}
        self._dirty: set[Window] = set()
        self._report: asyncio.Task[None] | None = None
        self._away_until = 0.0
        self._swept_at = time.monotonic()

    def used(self, window: Window) -> int:
        count = self._counts.get(window)
        return 0 if count is None else count.known + count.unreported

    def has_room(self, window: Window, quota: int) -> bool | None:
        """Whether one more request may be granted now; None: that can be said only after a report."""
        count = self._counts.get(window)
        if count is None:
            return quota > 0
        if count.known + count.unreported >= quota:
            return False
        return None if count.unreported >= max(1, math.ceil(quota * SLICE)) and self._is_shared() else True

    def count(self, window: Window) -> None:
        """Count one request that was granted."""
        count = self._counts.get(window)
        if count is None:
            count = self._counts[window] = _Count()
        count.unreported += 1
        self._dirty.add(window)

    async def take(self, window: Window, quota: int) -> bool:
        """Count one request, unless the quota is used up."""
        while (room := self.has_room(window, quota)) is None:
            await self._reported()
        if room:
            self.count(window)
        return room

    async def run(self) -> None:
        """Report again and again, until cancelled; what is left is reported then."""
        try:
            while True:
                await asyncio.sleep(REPORT_SECONDS)
                await self._tidy()
        finally:
            if self._report is not None:  # under way, it would outlive the database's pool
                await asyncio.wait([self._report])
            if self._dirty and self._is_shared():
                await self._reported()

    async def _tidy(self) -> None:
        if self._dirty and self._is_shared():
            await self._reported()
        if time.monotonic() - self._swept_at < _SWEEP_SECONDS:
            return
        self._swept_at = time.monotonic()
        over = int(time.time()) - 60
        for window in [window for window in self._counts if window[1] < over]:
            del self._counts[window]
            self._dirty.discard(window)
        if self._is_shared():
            await self._attempt(self._sweep(over))

    def _is_shared(self) -> bool:
        return self._store is not None and time.monotonic() >= self._away_until

    async def _reported(self) -> None:
        """A report under way is everybody's; it goes on when one who waits for it leaves."""
        if self._report is None or self._report.done():
            self._report = asyncio.create_task(self._attempt(self._send()), name="report-counts")
        await asyncio.shield(self._report)

    async def _attempt(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(_LONGEST_REPORT):
                await work
        except Exception as error:
            self._away_until = time.monotonic() + _PAUSE_WHEN_AWAY
            log.warning("quotas are kept by each worker alone for now", error=repr(error))

    async def _send(self) -> None:
        assert self._store is not None
        reported = {window: self._counts[window].unreported for window in self._dirty if window in self._counts}
        self._dirty.clear()
        try:
            totals = await self._store.add(list(reported.items()))
        except BaseException:
            self._dirty.update(reported)
            raise
        for window, total in totals.items():
            if count := self._counts.get(window):
                count.known = total
                count.unreported -= reported[window]

    async def _sweep(self, before: int) -> None:
        assert self._store is not None
        await self._store.sweep(before)
