"""Reads a page as a browser and a screen reader do, and says what is wrong with it (WCAG 2.2 AA, as far as a parser can tell)."""

import base64
import hashlib
from html.parser import HTMLParser

import httpx

_VOID = {"meta", "input", "link", "br", "img"}


class Page(HTMLParser):
    """What a page holds. `current` is the text of the links that say they are where one is."""

    def __init__(self, text: str, policy: str) -> None:
        super().__init__()
        self.policy = policy
        self.language: str | None = None
        self.size: str | None = None
        self.titles: list[str] = []
        self.headings: list[str] = []
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.links: list[str] = []
        self.current: list[str] = []
        self.buttons: list[str] = []
        self.actions: list[str | None] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._labelled: list[str | None] = []
        self._ids: list[str] = []
        self._described: list[str] = []
        self._handlers: list[str] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._positive_tabindex = False
        self.feed(text)
        self.close()

    @property
    def hidden(self) -> dict[str, str]:
        return {name: str(one.get("value") or "") for name, one in self.inputs.items() if one["type"] == "hidden"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._handlers += [name for name in given if name.startswith("on") or name == "style"]
        self._ids += [str(given["id"])] if "id" in given else []
        self._described += str(given.get("aria-describedby") or "").split() + str(given.get("aria-labelledby") or "").split()
        self._positive_tabindex |= (given.get("tabindex") or "0").isdigit() and int(given.get("tabindex") or 0) > 0
        match tag:
            case "html":
                self.language, self.size = given.get("lang"), given.get("data-size")
            case "input":
                self.inputs[given.get("name") or given.get("id") or ""] = given
            case "label":
                self._labelled.append(given.get("for"))
            case "form":
                self.actions.append(given.get("action"))
            case "a":
                self.links.append(given.get("href") or "")
        if tag not in _VOID:
            self._open.append((tag, given, []))

    def handle_endtag(self, tag: str) -> None:
        name, given, parts = self._open.pop()
        assert name == tag, f"<{name}> is closed by </{tag}>"
        text = "".join(parts).strip()
        if any(outer == "svg" for outer, *_ in self._open):
            return  # an image's own texts are not the page's
        kept = {"title": self.titles, "h1": self.headings, "button": self.buttons, "script": self.scripts}.get(tag)
        if kept is not None:
            kept.append("".join(parts) if tag == "script" else text)
        if tag == "a" and given.get("aria-current"):
            self.current.append(text)
        if tag not in ("script", "style") and self._open:
            self._open[-1][2].append("".join(parts))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)
            if self._open[-1][0] not in ("script", "style"):
                self.text.append(data)

    def faults(self) -> list[str]:
        """Every one, in words."""
        visible = [one for one in self.inputs.values() if one["type"] != "hidden"]
        unlabelled = [str(one.get("name")) for one in visible if one.get("id") not in self._labelled and "aria-label" not in one]
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in self.scripts]
        checks = {
            "a language": not self.language,
            "one h1": len(self.headings) != 1 or not self.headings[0],
            "one title": len(self.titles) != 1 or not self.titles[0],
            f"labels for {unlabelled}": bool(unlabelled),
            f"no inline handlers or styles: {self._handlers}": bool(self._handlers),
            "ids that are unique": len(self._ids) != len(set(self._ids)),
            f"descriptions that exist: {self._described}": not set(self._described) <= set(self._ids),
            "buttons that say what they do": not all(self.buttons),
            "the order of reading as the order of focus": self._positive_tabindex,
            "every tag closed": bool(self._open),
            "forms that stay here": not all(str(one).startswith("/api/identity/v1/") for one in self.actions),
            "scripts that the policy allows": not all(one in self.policy for one in hashes),
            "no script without need in the policy": "script-src" in self.policy and not hashes,
        }
        return [what for what, is_wrong in checks.items() if is_wrong]


def read_page(answer: httpx.Response) -> Page:
    return Page(answer.text, answer.headers["content-security-policy"])
