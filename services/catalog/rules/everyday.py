"""Everyday words and what they mean to an office: 饭店 is 食品经营许可, 丢了 is 补办 or 补领 or 挂失.

`everyday_words.csv` holds `said,meant` with `|` between meanings. Meanings of two characters stand in for the word where it was
said (one of them will do); longer ones make a reading of the question each. Everyday words are known in pinyin too.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, product
import re

from services.catalog.rules import words

_MOST_READINGS = 6
_BY_MEANING = 0.95
_STANDS_IN = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """`said` is what was typed beside the everyday words, `meant` what those mean, `instead` groups of which one word will do."""

    said: tuple[str, ...]
    meant: tuple[str, ...]
    worth: float
    instead: tuple[tuple[str, ...], ...] = ()


def meanings(typed: str) -> list[Meaning]:
    """The question without small talk, then as its everyday words mean it."""
    found = [Meaning((words.without_small_talk(typed),), (), 1.0)]
    text = " ".join(words.runs(typed))
    matches = list(_pattern().finditer(text))
    if not matches:
        return found
    known = _known()
    between = tuple(kept for part in _between(text, matches) if part and (kept := words.without_small_talk(part, whole=False)))
    instead = tuple(group for match in matches if (group := tuple(w for w in known[match.group()] if len(w) == _STANDS_IN)))
    longer = [several for match in matches if (several := [w for w in known[match.group()] if len(w) != _STANDS_IN])]
    return [*found, *(Meaning(between, chosen, _BY_MEANING, instead) for chosen in islice(product(*longer), _MOST_READINGS))]


def _between(text: str, matches: list[re.Match[str]]) -> list[str]:
    ends = [0, *(match.end() for match in matches)]
    starts = [*(match.start() for match in matches), len(text)]
    return [text[end:start].strip() for end, start in zip(ends, starts, strict=True)]


@cache
def _known() -> dict[str, tuple[str, ...]]:
    rows = csv.DictReader((files("services.catalog.rules") / "everyday_words.csv").read_text("utf-8").splitlines())
    known = {words.fold(row["said"]): tuple(row["meant"].split("|")) for row in rows}
    spelled = {"".join(words.syllables([said])[0]): meant for said, meant in known.items() if words.is_han(said) and len(said) > 1}
    return {**spelled, **known}


@cache
def _pattern() -> re.Pattern[str]:
    """Longer words first; letters only as whole runs."""
    longest_first = sorted(_known(), key=len, reverse=True)
    return re.compile("|".join(rf"(?<![a-z]){said}(?![a-z])" if said.isascii() else re.escape(said) for said in longest_first))
