"""Verification: which source can say what about a person, in which order they are asked, and how sure we are afterwards.

Levels: 1 self-asserted; 2 name and number belong together; 3 the person was there, from afar (their bank's four factors, or their
living face); 4 the person was there in the flesh and so was their face. A level is reached, never averaged: the highest match counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.identity.rules.people import SELF_ASSERTED, VERIFIED, Finding

Source = Literal["population-base", "bank-channel", "face-service"]
SOURCES: tuple[Source, ...] = ("population-base", "bank-channel", "face-service")
IN_PERSON = "in-person"

LEVELS: Mapping[str, int] = {"population-base": VERIFIED, "bank-channel": 3, "face-service": 3, IN_PERSON: 4}
"""The level that a match reaches. `in-person`: a clerk saw the person at a window and the face service confirmed the face."""

NEEDS: Mapping[Source, tuple[str, ...]] = {
    "population-base": (),
    "bank-channel": ("bank_card",),
    "face-service": ("liveness_reference",),
}
"""What has to be given, beside the name and number we know, for a source to be asked."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person claims and shows. Sent to the sources and then forgotten: only findings are kept."""

    name: str = field(repr=False)
    citizen_id: str = field(repr=False)
    phone: str = field(repr=False)
    bank_card: str | None = field(default=None, repr=False)
    liveness_reference: str | None = field(default=None, repr=False)

    def serves(self, source: Source) -> bool:
        """Whether it has all that the source needs."""
        return all(getattr(self, need) is not None for need in NEEDS[source])


@dataclass(frozen=True, slots=True)
class Check:
    """What one source said. Never the secrets it was asked with."""

    source: str
    finding: Finding

    @property
    def level(self) -> int:
        """The level it is worth, 0 for anything but a match."""
        return LEVELS[self.source] if self.finding == "match" else 0


def sources_for(evidence: Evidence, order: Sequence[Source], *, above: int = 0) -> tuple[Source, ...]:
    """The sources that this evidence serves and that could raise somebody above a level, in the order of falling back."""
    return tuple(source for source in order if evidence.serves(source) and LEVELS[source] > above)


def is_settled(finding: Finding) -> bool:
    """Whether nobody else is asked: a yes is enough, and after a no one does not go shopping for a yes."""
    return finding in ("match", "mismatch")


def seconds_for_next(left: float, sources_left: int) -> float:
    """The share of the time left that the next source gets: a hung one leaves as much to each of those after it."""
    return left / max(1, sources_left)


def is_refuted(checks: Iterable[Check]) -> bool:
    return any(check.finding == "mismatch" for check in checks)


def level_after(present: int, checks: Iterable[Check]) -> int:
    """The assurance level once these checks are known; it never sinks, and nobody is below self-asserted."""
    return max([present, SELF_ASSERTED, *(check.level for check in checks)])


Verdict = Literal["confirmed", "refuted", "not-known", "unavailable"]


def verdict_of(checks: Collection[Check]) -> Verdict:
    """What the checks come to, for the person: `unavailable` when no source that was asked could say anything."""
    if is_refuted(checks):
        return "refuted"
    if any(check.finding == "match" for check in checks):
        return "confirmed"
    return "not-known" if any(check.finding == "unknown" for check in checks) else "unavailable"


def ways_to(level: int) -> tuple[str, ...]:
    """The verifications that reach a level at least."""
    return tuple(source for source, reached in LEVELS.items() if reached >= level)
