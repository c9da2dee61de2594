"""The frame around a page, and what a browser is told of it: no scripts, no frames, nothing from elsewhere.

A fragment has no frame and no style: the hall fetches it and puts it into a page of its own, so that headings, print and size of
print are the page's. Opened by itself it is held to a policy that allows it nothing.
"""

import base64
from collections.abc import Mapping
import hashlib
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from services.catalog.pages.drawing import TAGS
from services.catalog.pages.texts import TEXTS
from services.catalog.rules.guide.parts import Language

_SOURCES = files(__package__ or __name__)
_FRAGMENT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; sandbox allow-popups"


def source(name: str) -> str:
    return _SOURCES.joinpath(name).read_text("utf-8")


_STYLE = source("page.css")
_FRAME = Template(source("frame.html"))
_STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
_POLICY = f"default-src 'none'; style-src {_STYLE_HASH}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def framed(content: str, language: Language, *, title: str, is_large: bool, choices: str) -> HTMLResponse:
    """A page. `content` and `choices` (links of the header) are HTML, `title` is text."""
    texts = TEXTS[language]
    body = _FRAME.substitute(
        content=content,
        tag=TAGS[language],
        title=escape(f"{title} · {texts['suite_short']}"),
        style=_STYLE,
        size=' data-size="large"' if is_large else "",
        suite=escape(texts["suite"]),
        skip=escape(texts["skip"]),
        choices_label=escape(texts["choices"]),
        choices=choices,
        print_hint=escape(texts["print_hint"]),
    )
    return HTMLResponse(body, headers=_headers(language, _POLICY))


def fragment(content: str, language: Language) -> HTMLResponse:
    """Content to put into another page."""
    return HTMLResponse(content, headers=_headers(language, _FRAGMENT_POLICY))


def choices(path: str, query: list[tuple[str, str]], language: Language, *, is_large: bool, pdf: str | None) -> str:
    """Links to the same page in the other size of print and in the other language, and to the page as a document."""
    texts = TEXTS[language]
    other: Language = "en" if language == "zh" else "zh"
    sized = changed(path, query, text_size="normal" if is_large else "large")
    spoken = changed(path, query, lang=TAGS[other])
    links = [
        f'<a href="{escape(sized)}">{escape(texts["normal_print" if is_large else "large_print"])}</a>',
        f'<a href="{escape(spoken)}" lang="{TAGS[other]}" hreflang="{TAGS[other]}">{escape(texts["other_language"])}</a>',
    ]
    if pdf:
        links.append(f'<a href="{escape(pdf)}" type="application/pdf">{escape(texts["pdf"])}</a>')
    return "\n".join(links)


def changed(path: str, query: list[tuple[str, str]], **to: str) -> str:
    """The address with these parameters instead of what it says of them."""
    kept = [(name, value) for name, value in query if name not in to]
    return f"{path}?{urlencode([*kept, *to.items()])}"


def _headers(language: Language, policy: str) -> Mapping[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Content-Language": TAGS[language],
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Vary": "Accept-Language",
    }
