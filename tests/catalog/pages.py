"""Reads a page or a fragment as a browser and a screen reader do, and says what is wrong with it (WCAG 2.2 AA, as far as a parser can tell)."""

import base64
from dataclasses import dataclass, field
import hashlib
from html.parser import HTMLParser
from itertools import pairwise
import re

import httpx

_VOID = {"meta", "input", "link", "br", "img", "path", "hr"}
_FETCHING = {"src", "srcset", "data", "poster", "background", "xlink:href"}
_HEADINGS = re.compile(r"h([1-6])")


@dataclass
class _Open:
    tag: str
    given: dict[str, str | None]
    text: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """`text` is what is read, in order; `headings` are (level, text); `languages` are (language, text) of every piece read."""

    def __init__(self, text: str, policy: str) -> None:
        super().__init__()
        self.policy = policy
        self.html: dict[str, str | None] = {}
        self.headings: list[tuple[int, str]] = []
        self.text: list[str] = []
        self.languages: list[tuple[str, str]] = []
        self.links: dict[str, str] = {}
        self.fields: list[dict[str, str | None]] = []
        self.titles: list[str] = []
        self.tags: list[str] = []
        self._styles: list[str] = []
        self._ids: list[str] = []
        self._named: list[str] = []
        self._faults: list[str] = []
        self._open: list[_Open] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._ids += [given["id"]] if given.get("id") else []  # type: ignore[list-item]
        for name in ("aria-labelledby", "aria-describedby"):
            self._named += str(given.get(name) or "").split()
        self._faults += [f"<{tag} {name}>" for name in given if name.startswith("on") or name == "style" or name in _FETCHING]
        if tag in ("script", "link", "iframe", "img", "object", "embed", "base"):
            self._faults.append(f"<{tag}>")
        if tag == "html":
            self.html = given
        if tag == "input":
            self.fields.append(given)
            if given.get("type") != "hidden" and not any(one.tag == "label" for one in self._open):
                self._faults.append(f"no label: {given}")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self._faults.append("a header cell without scope")
        if tag == "svg" and not given.get("aria-label"):
            self._faults.append("a picture without a label")
        if tag not in _VOID:
            self._open.append(_Open(tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        one = self._open.pop()
        if one.tag != tag:
            self._faults.append(f"<{one.tag}> is closed by </{tag}>")
        text = "".join(one.text).strip()
        if match := _HEADINGS.fullmatch(tag):
            self.headings.append((int(match.group(1)), text))
        if tag == "a":
            self.links[one.given.get("aria-label") or text] = one.given.get("href") or ""
        if tag == "title":
            self.titles.append(text)
        if tag == "style":
            self._styles.append("".join(one.text))
        elif self._open:
            self._open[-1].text.append("".join(one.text))

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        self._open[-1].text.append(data)
        if data.strip() and self._open[-1].tag not in ("style", "title", "script"):
            self.text.append(data.strip())
            spoken = next((str(one.given["lang"]) for one in reversed(self._open) if one.given.get("lang")), "")
            self.languages.append((spoken, data.strip()))

    def faults(self, *, is_fragment: bool = False) -> list[str]:
        """Every one, in words."""
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in self._styles]
        levels = [level for level, _ in self.headings]
        first = 2 if is_fragment else 1
        jumps = [(before, after) for before, after in pairwise(levels) if after > before + 1]
        checks = {
            "a language": not is_fragment and self.html.get("lang") not in ("zh-CN", "en"),
            "one title": not is_fragment and (len(self.titles) != 1 or not self.titles[0]),
            f"one heading of level {first}, and it is first": levels[:1] != [first] or levels.count(first) != 1,
            f"headings without jumps: {jumps}": bool(jumps),
            "headings with text": not all(text for _, text in self.headings),
            "ids that are unique": len(self._ids) != len(set(self._ids)),
            f"names that exist: {set(self._named) - set(self._ids)}": not set(self._named) <= set(self._ids),
            "links with text": not all(self.links),
            "links in the page that lead somewhere": any(to.startswith("#") and to[1:] not in {*self._ids} for to in self.links.values()),
            "every tag closed": bool(self._open),
            "styles that the policy allows": not all(one in self.policy for one in hashes),
            "a policy that allows nothing else": "default-src 'none'" not in self.policy or "script-src" in self.policy,
            f"nothing fetched or run: {self._faults}": bool(self._faults),
        }
        return [what for what, is_wrong in checks.items() if is_wrong]


def read_page(answer: httpx.Response) -> Page:
    return Page(answer.text, answer.headers["content-security-policy"])


def in_order(wanted: list[str], text: list[str]) -> list[str]:
    """What is wanted and not read, or not in that order."""
    read, at, missing = "\n".join(text), 0, []
    for one in wanted:
        found = read.find("\n".join(line.strip() for line in one.strip().splitlines()) if one.strip() else "", at)
        if found < 0:
            missing.append(one)
        else:
            at = found
    return missing
