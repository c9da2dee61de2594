"""The frame around every page: language, style, policy, and what a form carries along.

Everything that comes from outside is escaped; the content security policy allows our one style sheet and, where a page needs one, our
one script, each by its hash, and nothing else. No page needs a script but the passkeys', where the browser's own part does.
"""

import base64
from collections.abc import Mapping
import hashlib
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages.texts import FRAME

HERE = "/api/identity/v1"
"""Where the pages live, at the service and at the gateway alike."""
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}

_SOURCES = files(__package__ or __name__)


def source(name: str) -> str:
    return _SOURCES.joinpath(name).read_text("utf-8")


def hash_of(text: str) -> str:
    """The source expression that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_STYLE = source("page.css")
_FRAME = Template(source("frame.html"))


def framed(
    content: str, language: Language, *, title: str, status: int = 200, is_large: bool = False, choices: str = "", script: str = "",
    head: str = "", form_goes_to: str | None = None, headers: Mapping[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    """A page. `content`, `choices` (links of the header) and `head` are HTML, `title` is text; `script` is one of our own files."""
    texts = FRAME[language]
    body = _FRAME.substitute(
        content=content,
        tag=TAGS[language],
        title=escape(f"{title} · {texts['suite_short']}"),
        style=_STYLE,
        size=' data-size="large"' if is_large else "",
        suite=escape(texts["suite"]),
        skip=escape(texts["skip"]),
        choices=choices,
        head=head,
        script=f"<script>{script}</script>" if script else "",
    )
    # Browsers hold the redirect after a form to form-action too, so the client's origin has to be in it.
    policy = f"default-src 'none'; style-src {hash_of(_STYLE)}; form-action 'self' {_origin(form_goes_to)}; frame-ancestors 'none'; base-uri 'none'"
    if script:
        policy += f"; script-src {hash_of(script)}; connect-src 'self'"
    return HTMLResponse(
        body,
        status_code=status,
        headers={
            **(headers or {}),
            "Content-Security-Policy": policy,
            "Content-Language": TAGS[language],
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
        },
    )


def choices(path: str, parameters: Mapping[str, str], language: Language, *, is_large: bool) -> str:
    """The header's links to the same page in the other language and in the other size of print."""
    texts = FRAME[language]
    other: Language = "en" if language == "zh" else "zh"
    spoken = escape(f"{path}?{urlencode({**parameters, 'ui_locales': TAGS[other]})}")
    sized = escape(f"{path}?{urlencode({**parameters, 'text_size': 'normal' if is_large else 'large'})}")
    size = escape(texts["normal_print"] if is_large else texts["large_print"])
    return (
        f'<a href="{sized}">{size}</a> '
        f'<a href="{spoken}" lang="{TAGS[other]}" hreflang="{TAGS[other]}">{escape(texts["other_language"])}</a>'
    )  # fmt: skip


def hidden(parameters: Mapping[str, str]) -> str:
    """Inputs that bring the parameters back."""
    return "\n".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parameters.items())


def escaped(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(text) for name, text in texts.items()}


def _origin(uri: str | None) -> str:
    """The source expression of a registered redirect address."""
    parts = urlsplit(uri or "")
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme else ""
