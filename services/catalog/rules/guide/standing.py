"""What people must know of how an item stands: that it takes no applications, and who exercises it below its authority."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.rules.guide.parts import Listing, Part, Passage, Section
from services.catalog.rules.guide.sections import section
from services.catalog.rules.guide.teller import Teller


@dataclass(frozen=True, slots=True)
class Exercised:
    """A lower authority that exercises the item, by a document, until before an instant."""

    authority: str
    document: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Stands:
    """`frozen_since` where it takes no new applications, with the reason that was recorded."""

    frozen_since: datetime | None = None
    reason: str | None = None
    exercised: tuple[Exercised, ...] = ()


def standing_section(stands: Stands, teller: Teller) -> list[Section]:
    """Nothing where there is nothing to know."""
    parts: list[Part] = []
    if stands.frozen_since:
        parts.append(Passage(teller.say("frozen", since=teller.day(stands.frozen_since), reason=stands.reason or ""), is_weighty=True))
    if stands.exercised:
        entries = tuple(
            teller.say("exercised", authority=one.authority, document=one.document, ends=teller.day(one.ends_at))
            for one in stands.exercised
        )
        parts.append(Listing(entries))
    return [section("standing", tuple(parts), teller)] if parts else []
