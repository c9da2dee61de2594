"""The instances of a service: which one is asked next, which are left alone for a while, and how often a failure is tried again.

- Of two instances picked at random, the one with fewer requests in hand is asked.
- One that failed `FAILURES` times in a row is left alone, for longer each time; then one request, or the next good check, tries it.
- When all are left alone the service's circuit is open: requests are refused at once.
- Readiness only prefers: when no instance says it is ready, all that do not fail are asked.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
import random
import time

from chassis.http import PeerUnavailable

FAILURES = 5
SHORTEST_REST = 2.0
LONGEST_REST = 30.0


@dataclass(slots=True, eq=False)
class Instance:
    """One address of a service. `rests_until` is on the monotonic clock."""

    base: str
    in_hand: int = 0
    failures: int = 0
    rests: int = 0
    rests_until: float = 0.0
    is_ready: bool = True


class Instances:
    """All instances of one service."""

    def __init__(
        self, service: str, bases: Sequence[str], *, now: Callable[[], float] = time.monotonic, chance: random.Random | None = None
    ) -> None:
        self.service = service
        self.all = tuple(Instance(base.rstrip("/")) for base in bases)
        self._now = now
        self._chance = chance or random.Random()

    def choose(self, tried: Collection[Instance] = ()) -> Instance:
        """The instance to ask; one not tried before where there is one. Raises PeerUnavailable while all rest."""
        if len(self.all) == 1 and self.all[0].failures < FAILURES:
            return self.all[0]
        now = self._now()
        awake = [one for one in self.all if one.failures < FAILURES]
        resting_enough = [one for one in self.all if one.failures >= FAILURES and now >= one.rests_until and one not in tried]
        if resting_enough:
            trial = self._chance.choice(resting_enough)
            trial.rests_until = now + SHORTEST_REST  # one request tries it, not all at once
            return trial
        if not awake:
            raise PeerUnavailable(peer=self.service)
        fresh = [one for one in awake if one not in tried] or awake
        ready = [one for one in fresh if one.is_ready] or fresh
        if len(ready) == 1:
            return ready[0]
        first, second = self._chance.sample(ready, 2)
        return first if first.in_hand <= second.in_hand else second

    def choose_well(self) -> Instance | None:
        """As `choose`, while none of them rests; otherwise None."""
        for one in self.all:
            if one.failures >= FAILURES:
                return None
        return self.choose()

    def succeeded(self, instance: Instance) -> None:
        instance.failures = instance.rests = 0

    def failed(self, instance: Instance) -> None:
        instance.failures += 1
        if instance.failures >= FAILURES:
            instance.rests_until = self._now() + min(LONGEST_REST, SHORTEST_REST * 2**instance.rests)
            instance.rests += 1

    def checked(self, instance: Instance, *, is_ready: bool) -> None:
        """What its /readyz said. One that rests and is ready is asked again."""
        instance.is_ready = is_ready
        if is_ready:
            self.succeeded(instance)


class RetryBudget:
    """Retries are a share of requests, so that trouble is not multiplied: each request earns `share`, each retry costs one."""

    def __init__(self, *, share: float = 0.1, reserve: float = 5.0, most: float = 50.0) -> None:
        self._share = share
        self._most = most
        self._saved = reserve

    def earn(self) -> None:
        self._saved = min(self._most, self._saved + self._share)

    def spend(self) -> bool:
        """Whether one more try may be made."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
