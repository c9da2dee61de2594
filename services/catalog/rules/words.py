"""How Chinese is cut for searching. The same text always gives the same terms.

Words come from rjieba, readings from pypinyin, word by word (银行 is yin hang). Dictionaries are loaded at first use: they cost
90 MB and half a second that a service at rest need not pay.
"""

from collections.abc import Iterable
import re
import unicodedata

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")

_SMALL_TALK = """
我 我们 我要 我想 想开 开个 要 想 想要 需要 需 可以 能 能不能 要不要 需不需要 请 请问 怎么 怎样 怎么样 怎么办 如何 什么 哪里 哪儿 哪个 多少 多久
在 去 到 的 了 吗 呢 么 嘛 啊 和 给 个 一个 一家 一下 办 办理 办个 申办 手续 流程 条件 材料 资料 带 证件 有 是
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


def cut(run: str) -> list[str]:
    """A run of Han characters as words."""
    import rjieba

    found: list[str] = rjieba.cut(run)
    return found


def syllables(words: Iterable[str]) -> list[list[str]]:
    """The syllables of each word of Han characters, tone marks dropped."""
    from pypinyin import lazy_pinyin

    return [lazy_pinyin(word) for word in words]


def without_small_talk(query: str, *, whole: bool = True) -> str:
    """The query without the words that every question has ("我要", "怎么办"); a whole one unchanged when it has no others."""
    kept = "".join(
        word if word not in _SAID_WHEN_ASKING else " " for run in runs(query) for word in ([*cut(run), " "] if is_han(run) else [run, " "])
    )
    return " ".join(kept.split()) or (query if whole else "")


def lexeme(term: str) -> str:
    """The term as PostgreSQL reads one inside a tsvector or tsquery."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def document(texts: Iterable[str]) -> str:
    """A tsvector's text of every term of the texts."""
    return " ".join(dict.fromkeys(lexeme(term) for text in texts for term in terms(text)))


def _search_words(run: str) -> list[str]:
    import rjieba

    found: list[str] = rjieba.cut_for_search(run)
    return found
