"""How things sound: pinyin in syllables, and what people confuse when they type by ear.

A syllable is folded to what a southern ear keeps of it (zh, ch, sh as z, c, s; -ng as -n; n- as l-), so that "sipin jinyin" and
视频经营 find 食品经营. Letters are cut into syllables at the longest that leaves a whole rest; the last may be unfinished.
"""

from functools import cache
import re

_INITIALS = ["b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s", "y", "w"]
_FINALS = {
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an ang eng ong i ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve ue",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve ue",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e ai ei ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "ch": "a e ai ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "sh": "a e ai ei ao ou an en ang eng i u ua uo uai ui uan un uang",
    "r": "e ao ou an en ang eng ong i u uo ui uan un",
    "z": "a e ai ei ao ou an en ang eng ong i u uo ui uan un",
    "c": "a e ai ao ou an en ang eng ong i u uo ui uan un",
    "s": "a e ai ao ou an en ang eng ong i u uo ui uan un",
    "y": "a e ao ou an ang i in ing o ong u ue uan un",
    "w": "a o ai ei an en ang eng u",
}
_SPELLED = frozenset(
    [initial + final for initial in _INITIALS for final in _FINALS[initial].split()]
    + ["a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "er"]
)
_LETTERS = re.compile(r"[a-z]+")
_MOST_LETTERS = 60
_LONGEST_SYLLABLE = 6


@cache
def folded(syllable: str) -> str:
    """The syllable, or the beginning of one, as an ear keeps it that does not tell z from zh, n from ng, l from n."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[:1] == "n":
        syllable = "l" + syllable[1:]
    return (syllable.removesuffix("g") if syllable.endswith("ng") else syllable).replace("v", "u")


_SYLLABLES = _SPELLED | {folded(syllable) for syllable in _SPELLED}
_BEGINNINGS = frozenset(syllable[:length] for syllable in _SYLLABLES for length in range(1, len(syllable)))


def syllables_of(letters: str) -> tuple[tuple[str, ...], bool] | None:
    """The syllables that letters spell, and whether the last is finished; None where they spell none.

    With several ways to cut, the one with the fewest syllables wins; the letters' end may begin a syllable ("ship" is shi, p).
    """
    if not _LETTERS.fullmatch(letters) or len(letters) > _MOST_LETTERS:
        return None
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            before = best[start]
            known = best[end]
            if before is not None and letters[start:end] in _SYLLABLES and (known is None or len(before) + 1 <= len(known)):
                best[end] = (*before, letters[start:end])
    whole = best[-1]
    if whole is not None:
        return whole, True
    for start in range(max(0, len(letters) - _LONGEST_SYLLABLE), len(letters)):
        before = best[start]
        if before is not None and letters[start:] in _BEGINNINGS:
            return (*before, letters[start:]), False
    return None
