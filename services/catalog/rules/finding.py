"""What is indexed of an item, and what a question asks for.

A question is one or more `Reading`s: as typed, and as its everyday words mean it (`rules.everyday`). A reading is a list of
`Slot`s, small things that should be there; each has alternatives, of which the best counts: the pair of characters as typed,
the same two syllables written otherwise (typing by ear), another word for the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.rules import words
from services.catalog.rules.content import ItemContent
from services.catalog.rules.everyday import Meaning, meanings
from services.catalog.rules.phrases import first_letters, phrase, sound_pair, word_start
from services.catalog.rules.sounds import folded, syllables_of

INDEX_VERSION = 1
"""Raised with every change of what is indexed: a service that starts indexes anew what an older one indexed."""

_OF_NAME, _OF_SYNONYM, _OF_ENGLISH = 1.0, 0.9, 0.8
_HALF_LENGTH = 12
_MOST_SLOTS = 24
_BY_EAR = 0.7
_ACROSS_WORDS = 0.5
_ASIDE = 0.4
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What is indexed of an item.

    `called`: its name, everyday phrases and English name as written; `lines` the same as compared, then its codes; `terms` lead
    to it, each with an impact of 1 to 1000; `document` is a tsvector's text of what else its guide says.
    """

    called: list[str]
    lines: list[str]
    terms: dict[str, int]
    document: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """`term` leads to items; `needle` is what their phrases' lines then contain. A beginning matches every term that begins so."""

    term: str
    needle: str
    worth: float = 1.0
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    alternatives: tuple[Alternative, ...]
    worth: float = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question. `form` is its normal form, `length` how many characters or syllables it has."""

    form: str
    length: int
    slots: tuple[Slot, ...]
    worth: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    readings: tuple[Reading, ...]
    document: str
    """A tsquery's text that wants every term of the question; empty for none."""

    @property
    def alternatives(self) -> tuple[tuple[Alternative, ...], ...]:
        """What every slot of any reading takes, each once."""
        return tuple(dict.fromkeys(slot.alternatives for reading in self.readings for slot in reading.slots))


def index_entry(local_code: str, item: ItemContent) -> IndexEntry:
    """The item as the index keeps it."""
    weighed = [(item.name, _OF_NAME), *((said, _OF_SYNONYM) for said in item.synonyms), (item.name_en or "", _OF_ENGLISH)]
    called = {text: worth for text, worth in reversed(weighed) if words.normal_form(text)}
    codes = [words.normal_form(code) for code in (local_code, item.base_code, item.implementation_code) if code]
    lines: list[str] = []
    terms: dict[str, int] = dict.fromkeys(codes, 1000)
    for text, worth in reversed(called.items()):
        known = phrase(text)
        lines.append(known.line)
        share = 1000 * worth / (1 + len(words.normal_form(text)) / _HALF_LENGTH)
        for term, says in known.terms.items():
            if len(term) <= _LONGEST_WORD:
                terms[term] = max(terms.get(term, 1), int(share * says))
    around = [item.authority.name, item.authority.name_en or "", *(m.name for m in item.materials), *(s.zh for s in item.situations)]
    rest = [*item.conditions, *(basis.law for basis in item.legal_basis), *(q.question for q in item.faq)]
    return IndexEntry(
        called=list(reversed(called)),
        lines=[*lines, *(f"{code}\t\t\t {code}" for code in dict.fromkeys(codes))],
        terms=terms,
        document=words.document([*called, *around, *rest]),
    )


def understand(text: str) -> Question:
    """What the typed text asks for; no reading where it has no letter, digit or character."""
    asked = words.without_small_talk(text)
    readings = [_reading(meaning) for meaning in meanings(text)]
    if words.normal_form(text) != words.normal_form(asked):
        readings.append(_reading(Meaning((text,), (), 0.9)))
    every = [f"{words.lexeme(term)}{'' if words.is_han(term) else ':*'}" for term in words.terms(asked)]
    return Question(tuple(reading for reading in readings if reading.slots), " & ".join(every[:_MOST_SLOTS]))


def _reading(meaning: Meaning) -> Reading:
    slots = [slot for text in meaning.said for slot in _slots(text, _ASIDE if meaning.meant else 1.0)]
    slots += [slot for text in meaning.meant for slot in _slots(text, 1.0)]
    slots += [Slot(tuple(Alternative(word, word, 0.9 if at else 1.0) for at, word in enumerate(group))) for group in meaning.instead]
    form = "".join(words.normal_form(text) for text in (*meaning.meant, *meaning.said))
    return Reading(form, _length(form), _each_once(slots), meaning.worth)


def _length(form: str) -> int:
    """Characters and syllables; other letters count for a third."""
    spelled = [syllables_of(run) for run in words.runs(form) if not words.is_han(run)]
    return sum(len(run) for run in words.runs(form) if words.is_han(run)) + sum(len(found[0]) if found else 2 for found in spelled)


def _each_once(slots: list[Slot]) -> tuple[Slot, ...]:
    once: dict[tuple[Alternative, ...], Slot] = {}
    for slot in slots:
        once.setdefault(slot.alternatives, slot)
    return tuple(once.values())[:_MOST_SLOTS]


def _slots(text: str, worth: float) -> Iterator[Slot]:
    for run in words.runs(text):
        yield from _han_slots(run, worth) if words.is_han(run) else _letter_slots(run[:_LONGEST_WORD], worth)


def _han_slots(run: str, worth: float) -> Iterator[Slot]:
    """Pairs of characters, each also by ear; a pair across two words says less."""
    if len(run) == 1:
        yield Slot((Alternative(run, run),), worth)
        return
    cut = words.cut(run)
    heard = [folded(syllable) for word in words.syllables(cut) for syllable in word]
    inside = {sum(map(len, cut[:at])) + offset for at, word in enumerate(cut) for offset in range(len(word) - 1)}
    for at, pair in enumerate(words.pairs(run)):
        alternatives = [Alternative(pair, pair)]
        if len(heard) == len(run):
            sound = sound_pair(heard[at], heard[at + 1])
            alternatives.append(Alternative(sound, f"{sound}~", _BY_EAR))
        yield Slot(tuple(alternatives), worth if at in inside else worth * _ACROSS_WORDS)


def _letter_slots(run: str, worth: float) -> Iterator[Slot]:
    """A word or code by its beginning, first letters, or pinyin of which the last syllable may be unfinished."""
    whole = [Alternative(run, f" {run}", 1.0, is_beginning=True)]
    if len(run) > 1 and run.isascii() and run.isalpha():
        initials = run.upper()
        whole.append(Alternative(first_letters(initials), initials, 0.9, is_beginning=len(run) > 3))
    spelled = syllables_of(run)
    if spelled is None:
        yield Slot(tuple(whole), worth)
        return
    heard = [folded(syllable) for syllable in spelled[0]]
    if len(heard) == 1:
        yield Slot((*(whole if len(run) > 1 else ()), Alternative(word_start(heard[0]), f"~{heard[0]}", 0.9, is_beginning=True)), worth)
        return
    for at in range(len(heard) - 1):
        sound, is_last = sound_pair(heard[at], heard[at + 1]), at == len(heard) - 2
        needle = sound if is_last else f"{sound}~"
        yield Slot((Alternative(sound, needle, 1.0, is_beginning=is_last), *whole), worth)
