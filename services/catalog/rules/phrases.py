"""What an item is called, in the form in which it is compared: as written, as heard, and by first letters.

A phrase is kept as one line of four parts, so that a question is a set of strings to look for in it:
`食品经营许可 <tab> ~si~pin~jin~yin~xu~ke~ <tab> SPJYXK <tab> " food business"`; syllables are folded (`rules.sounds`).
"""

from dataclasses import dataclass

from services.catalog.rules import words
from services.catalog.rules.sounds import folded

_MOST_INITIALS = 8
_SOUND = 0.6
_CHARACTER = 0.3


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as kept, and the terms that lead to it with how much each says of it (0 to 1)."""

    line: str
    terms: dict[str, float]


def phrase(text: str) -> Phrase:
    """The phrase, cut and read."""
    runs = words.runs(text)
    han = [word for run in runs if words.is_han(run) for word in words.cut(run)]
    spoken = words.syllables(han)
    letters = [run for run in runs if not words.is_han(run)]
    heard = [folded(syllable) for word in spoken for syllable in word]
    first = "".join(syllable[0] for word in spoken for syllable in word).upper()
    line = "\t".join([words.normal_form(text), f"~{'~'.join(heard)}~", first, "".join(f" {run}" for run in letters)])
    found: dict[str, float] = {}
    for run in runs:
        if words.is_han(run):
            found.update(dict.fromkeys(run, _CHARACTER))
            found.update(dict.fromkeys(words.pairs(run), 1.0))
        else:
            found[run] = 1.0
    found.update(dict.fromkeys((sound_pair(heard[at], heard[at + 1]) for at in range(len(heard) - 1)), _SOUND))
    at = 0
    for word in spoken:
        found[word_start(folded(word[0]))] = _SOUND
        initials = first[at : at + _MOST_INITIALS]
        found.update(dict.fromkeys((first_letters(initials[:length]) for length in {2, 3, len(initials)} if length > 1), _SOUND))
        at += len(word)
    return Phrase(line, found)


def sound_pair(first: str, second: str) -> str:
    """The term of two syllables that stand together."""
    return f"~{first}~{second}"


def word_start(syllable: str) -> str:
    """The term of a word's first syllable."""
    return f"^{syllable}"


def first_letters(initials: str) -> str:
    """The term of first letters, from a word's beginning on; as many as are indexed."""
    return f"-{initials[:_MOST_INITIALS]}"
