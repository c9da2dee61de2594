"""How alike two entries of base catalogs are, for finding one again that came back under another code.

Name, department and legal basis, each as the share of character pairs that two texts have in common (Dice's coefficient over
multisets), weighted. A part that either entry leaves empty says nothing and is left out.
"""

from collections import Counter
from dataclasses import dataclass

from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.words import normal_form, pairs

_WEIGHTS = (0.6, 0.2, 0.2)


@dataclass(frozen=True, slots=True)
class Features:
    """What of an entry is compared: the character pairs of its name, department and legal basis."""

    parts: tuple[Counter[str], Counter[str], Counter[str]]

    @property
    def name(self) -> Counter[str]:
        return self.parts[0]


def features(entry: BaseEntry) -> Features:
    return Features((_pairs(entry.name), _pairs(entry.department), _pairs(entry.elements.get("legal_basis", ""))))


def likeness(one: Features, other: Features) -> float:
    """From 0, nothing in common, to 1, the same."""
    total = weight = 0.0
    for share, mine, theirs in zip(_WEIGHTS, one.parts, other.parts, strict=True):
        if mine and theirs:
            total += share * 2 * (mine & theirs).total() / (mine.total() + theirs.total())
            weight += share
    return total / weight if weight else 0.0


def _pairs(text: str) -> Counter[str]:
    plain = normal_form(text)
    return Counter(pairs(plain)) if plain else Counter()
