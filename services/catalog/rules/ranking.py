"""Which of the items that may be meant comes first.

An item's score is that of its best phrase under the best reading: how much of the question the phrase has, rarer things counting
more, and how little else it says. Whole phrases come before parts of one. What people ask for often gains up to `_POPULAR`.
Whether an item fits whole or in part does not depend on which others there are. An item about a change (renewal, loss, end) comes
after its first issue where the question does not ask for a change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math
import re

from services.catalog.rules.finding import Alternative, Question, Reading

_ENOUGH = 0.45
_IN_PART = 0.3
_AS_WRITTEN = 0.9
_PARTLY = 5.0
_WHOLE = 0.4
_BEGINS = 0.16
_INSIDE = 0.1
_AROUND = 0.1
_ACROSS_PHRASES = 0.75
_OTHER_PHRASE = 0.97
_AFTERWARDS_COSTS = 0.15
_POPULAR = 0.2
_MUCH_USED = 1000.0
_UNSEEN = 1.0

_AFTERWARDS = [
    "注销",
    "变更",
    "补办",
    "补发",
    "补领",
    "补证",
    "延续",
    "换发",
    "换领",
    "换证",
    "遗失",
    "挂失",
    "解挂",
    "终止",
    "暂停",
    "撤销",
    "停业",
    "歇业",
    "恢复",
    "转出",
    "转入",
    "迁移",
    "更名",
    "更正",
    "重新",
    "校验",
    "复审",
    "复查",
    "咨询",
    "查询",
    "投诉",
    "预约",
    "缴销",
    "作废",
    "修复",
    "复核",
    "复评",
]
_SAYS_AFTERWARDS = re.compile("|".join(_AFTERWARDS)).search


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be meant. `popularity` is how often it was asked for of late (decayed count)."""

    item_no: int
    local_code: str
    lines: Sequence[str]
    popularity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` in thousandths, below 0 where the item has only a part of the question; `phrase` is the one that matched best."""

    item_no: int
    local_code: str
    score: int
    phrase: int

    @property
    def is_partial(self) -> bool:
        return self.score < 0


def rank(question: Question, candidates: Sequence[Candidate], commonness: Mapping[tuple[Alternative, ...], int]) -> list[Hit]:
    """Best first; ties by code. `commonness` is how many items a slot leads to."""
    weighed = [_weigh(reading, commonness) for reading in question.readings]
    hits = []
    for candidate in candidates:
        best, phrase = -_PARTLY, 0
        is_afterwards = _SAYS_AFTERWARDS(candidate.lines[0]) is not None
        for one in weighed:
            score, at = _fit(one, candidate.lines)
            if score > -_PARTLY and is_afterwards and not one.asks_afterwards:
                score -= _AFTERWARDS_COSTS
            if score > best:
                best, phrase = score, at
        if best > -_PARTLY:
            hits.append((best, phrase, candidate))
    found = [
        Hit(candidate.item_no, candidate.local_code, round((best + _popular(candidate.popularity)) * 1000), phrase)
        for best, phrase, candidate in hits
    ]
    return sorted(found, key=lambda hit: (-hit.score, hit.local_code))


def _rarity(items: int) -> float:
    """2.4 for one item's own word, near 0.2 for a word of everything; what nothing has counts as one of a dozen."""
    return _UNSEEN if items == 0 else 0.2 + 2.2 / (1 + math.log2(items) / 3)


def _popular(count: float) -> float:
    return _POPULAR * min(1.0, math.log1p(count) / math.log1p(_MUCH_USED))


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A reading with all that does not depend on the item. `slots` are (needle, worth) best first, with the slot's weight."""

    reading: Reading
    slots: Sequence[tuple[Sequence[tuple[str, float]], float]]
    total: float
    worths: Sequence[float]
    enough: float
    asks_afterwards: bool


def _weigh(reading: Reading, commonness: Mapping[tuple[Alternative, ...], int]) -> _Weighed:
    slots = [
        ([(one.needle, one.worth) for one in slot.alternatives], slot.worth * _rarity(commonness.get(slot.alternatives, 0)))
        for slot in reading.slots
    ]
    asked = {alternative.term for slot in reading.slots for alternative in slot.alternatives}
    worths = [slot.worth for slot in reading.slots]
    total = sum(weight for _, weight in slots)
    return _Weighed(reading, slots, total, worths, _ENOUGH * sum(worths), not asked.isdisjoint(_AFTERWARDS))


def _fit(weighed: _Weighed, lines: Sequence[str]) -> tuple[float, int]:
    """The score of the best phrase and its position; less by `_PARTLY` where the item has a part of the question, `-_PARTLY` for none."""
    reading, slots, total = weighed.reading, weighed.slots, weighed.total
    together = [0.0] * len(slots)
    best, phrase = 0.0, 0
    for at, line in enumerate(lines):
        covered = 0.0
        for place, (needles, weight) in enumerate(slots):
            for needle, worth in needles:
                if needle in line:
                    covered += worth * weight
                    if worth > together[place]:
                        together[place] = worth
                    break
        if covered:
            score = _phrase_score(reading, covered / total, line) * (1.0 if at == 0 else _OTHER_PHRASE)
            if score > best:
                best, phrase = score, at
    everywhere = as_written = fitting = 0.0
    for worth, (_, weight), slot_worth in zip(together, slots, weighed.worths, strict=True):
        if worth:
            everywhere += worth * weight
            fitting += worth * slot_worth
            as_written += weight if worth >= _AS_WRITTEN else 0.0
    score = reading.worth * max(best, everywhere / total * _ACROSS_PHRASES)
    if fitting >= weighed.enough:
        return score, phrase
    return (score - _PARTLY, phrase) if as_written / total >= _IN_PART else (-_PARTLY, 0)


def _phrase_score(reading: Reading, covered: float, line: str) -> float:
    written, _, heard = line.partition("\t")
    form = reading.form
    length = heard.count("~", 0, heard.find("\t")) - 1 or len(written) / 3
    score = covered * (0.8 + 0.2 * min(reading.length, length) / max(reading.length, length, 1))
    if form == written or (covered > 0.95 and reading.length == round(length)):
        return score + _WHOLE
    if form in written:
        return score + (_BEGINS if written.startswith(form) else _INSIDE)
    if len(written) > 1 and written in form:
        return score + _AROUND * len(written) / len(form)
    return score
