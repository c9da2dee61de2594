"""The answers this process keeps, bounded by their bytes; the least recently given goes first.

Invariant: an answer is given only while this process hears of publications, at an instant for which it was made, and only if
nothing was published since before it was made. Whatever is in doubt is asked of the database.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Any

Headers = Sequence[tuple[bytes, bytes]]
Key = tuple[str, bytes, str]
"""Path, query, language of the reader."""

MOST_BYTES = 32 * 2**20
LARGEST_BYTES = 2**20
_OVERHEAD = 1000
"""About what an answer takes beside its body."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Of which item an answer speaks, and from when until when it is right; `until` is None where no change is known."""

    local_code: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200, as it went out. `route` is what matched, for the metrics."""

    terms: Terms
    headers: Headers
    body: bytes
    etag: bytes
    route: Any

    @property
    def weight(self) -> int:
        return len(self.body) + _OVERHEAD


class KeptAnswers:
    """`now` is the service's clock, `monotonic` the machine's: whether we still hear is no matter of the date."""

    def __init__(
        self, now: Callable[[], datetime], *, most_bytes: int = MOST_BYTES, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._most_bytes = most_bytes
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._keys: dict[str, set[Key]] = {}
        self._bytes = 0
        self._hears_until = float("-inf")
        self.epoch = 0
        """Grows whenever something is forgotten: an answer made in an earlier epoch is not kept."""

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def is_hearing(self) -> bool:
        """Whether this process hears of publications, as far as it can know."""
        return self._monotonic() < self._hears_until

    def hears_until(self, monotonic: float) -> None:
        """The connection that hears of publications was well; trust it until then."""
        self._hears_until = monotonic

    def is_deaf(self) -> None:
        """We do not hear any more: nothing that we have can be trusted, whenever we hear again."""
        self._hears_until = float("-inf")
        self.forget_all()

    def find(self, key: Key) -> Answer | None:
        """The answer, if it is certainly right now."""
        answer = self._answers.get(key)
        if answer is None or not self.is_hearing:
            return None
        now, terms = self._now(), answer.terms
        if now < terms.since or (terms.until is not None and now >= terms.until):
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return answer

    def keep(self, key: Key, answer: Answer, *, epoch: int) -> None:
        """Keep an answer that was begun in that epoch; it is not kept where something was forgotten since, or it is too large."""
        if epoch != self.epoch or not self.is_hearing or answer.weight > LARGEST_BYTES:
            return
        self._drop(key)
        self._answers[key] = answer
        self._keys.setdefault(answer.terms.local_code, set()).add(key)
        self._bytes += answer.weight
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def forget(self, local_code: str) -> None:
        """Everything about an item."""
        self.epoch += 1
        for key in list(self._keys.get(local_code, ())):
            self._drop(key)

    def forget_all(self) -> None:
        self.epoch += 1
        self._answers.clear()
        self._keys.clear()
        self._bytes = 0

    def _drop(self, key: Key) -> None:
        answer = self._answers.pop(key, None)
        if answer is None:
            return
        self._bytes -= answer.weight
        keys = self._keys[answer.terms.local_code]
        keys.discard(key)
        if not keys:
            del self._keys[answer.terms.local_code]
