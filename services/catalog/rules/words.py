"""How Chinese is cut for searching, so that every way people type finds the same item.

Words (rjieba), character pairs, pinyin in full and in initials from every word on: "shipin", "spjyxk" and "jyxk" find
食品经营许可. A two-character query needs no index of its own, since every pair is a term. The same text always gives the same
terms. Dictionaries are loaded at first use: they cost 90 MB and half a second that a service at rest need not pay.
"""

from collections.abc import Iterable
import re
import unicodedata

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_LONGEST_READING = 24

_SMALL_TALK = """
我 我们 我要 要 想 想要 需要 可以 能 能不能 请 请问 怎么 怎样 如何 什么 哪里 哪儿
在 去 到 的 了 吗 呢 办 办理 办个 申办 一个 个 一下
"""
_SAID_WHEN_ASKING = frozenset(_SMALL_TALK.split())


def fold(text: str) -> str:
    """One form for full-width, half-width, upper and lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def normal_form(text: str) -> str:
    """What remains of a text when only letters, digits and characters count: the form in which phrases are compared."""
    return "".join(character for character in fold(text) if character.isalnum())


def runs(text: str) -> list[str]:
    """The text's runs of Han characters and of other letters or digits, folded."""
    return _RUN.findall(fold(text))


def is_han(run: str) -> bool:
    return _IS_HAN.match(run) is not None


def pairs(run: str) -> list[str]:
    """Every two characters that stand together; the run itself when it is shorter."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def terms(text: str) -> list[str]:
    """Words and character pairs of a text, each once, in order."""
    found: dict[str, None] = {}
    for run in runs(text):
        if not is_han(run):
            found[run] = None
            continue
        found.update(dict.fromkeys(word for word in _search_words(run) if len(word) > 1))
        found.update(dict.fromkeys(pairs(run)))
    return list(found)


def characters(text: str) -> set[str]:
    """Single Han characters, for queries of one."""
    return set(_IS_HAN.findall(fold(text)))


def readings(phrase: str) -> tuple[str, str] | None:
    """The phrase's Han characters in full pinyin and in initials; None without any."""
    syllables = [syllable for word in _pinyin_words(phrase) for syllable in word]
    return ("".join(syllables), "".join(s[0] for s in syllables)) if syllables else None


def reading_terms(phrase: str) -> set[str]:
    """Pinyin and initials from each word to the phrase's end, so that a prefix of any finds it."""
    words = _pinyin_words(phrase)
    found = set()
    for start in range(len(words)):
        syllables = [syllable for word in words[start:] for syllable in word][:_LONGEST_READING]
        found |= {"".join(syllables), "".join(s[0] for s in syllables)}
    return found


def without_small_talk(query: str) -> str:
    """The query without the words that every question has ("我要", "怎么办"); unchanged when it has no others."""
    kept = "".join(
        word if word not in _SAID_WHEN_ASKING else " "
        for run in runs(query)
        for word in ([*_words(run), " "] if is_han(run) else [run, " "])
    )
    return " ".join(kept.split()) or query


def lexeme(term: str) -> str:
    """The term as PostgreSQL reads one inside a tsvector or tsquery."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def document(weighted: Iterable[tuple[str, Iterable[str]]]) -> str:
    """A tsvector's text from (weight, terms), heaviest first; a term counts with the first weight it is given."""
    weight_of: dict[str, str] = {}
    for weight, of_weight in weighted:
        for term in of_weight:
            weight_of.setdefault(term, weight)
    return " ".join(f"{lexeme(term)}:1{weight}" for term, weight in weight_of.items())


def _words(run: str) -> list[str]:
    import rjieba

    return rjieba.cut(run)


def _search_words(run: str) -> list[str]:
    import rjieba

    return rjieba.cut_for_search(run)


def _pinyin_words(phrase: str) -> list[list[str]]:
    """The syllables of each Han word, tone marks dropped; words decide the reading (银行 is yin hang)."""
    from pypinyin import lazy_pinyin

    return [lazy_pinyin(word) for run in runs(phrase) if is_han(run) for word in _words(run)]
