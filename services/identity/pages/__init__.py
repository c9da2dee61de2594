"""The pages of the identity service: plain HTML that works without scripts, for screen readers and old machines too.

Everything that comes from outside is escaped; the content security policy allows our one style sheet, by its hash, and nothing else.
"""

import base64
from collections.abc import Mapping, Sequence
from enum import Enum
import hashlib
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages.texts import CONSENT, DEAD_END, SIGN_IN, SIGN_OFF, SIGNED_OFF
from services.identity.rules.scopes import SCOPES

_SOURCES = files(__name__)
_STYLE = _SOURCES.joinpath("page.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_SIGN_IN = Template(_SOURCES.joinpath("sign_in.html").read_text("utf-8"))
_CONSENT = Template(_SOURCES.joinpath("consent.html").read_text("utf-8"))
_SIGN_OFF = Template(_SOURCES.joinpath("sign_off.html").read_text("utf-8"))
_NOTICE = Template(_SOURCES.joinpath("notice.html").read_text("utf-8"))
_TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}


class SignInFault(Enum):
    """Why the page is shown again: the status it is answered with."""

    WRONG = 401
    THROTTLED = 429


def sign_in_page(
    client_name: str, parameters: Mapping[str, str], *, language: Language, form_goes_to: str, login: str = "",
    fault: SignInFault | None = None, seconds: int = 0,
) -> HTMLResponse:  # fmt: skip
    """The form, carrying the request's parameters along. After a fault it keeps the login and says what to do."""
    texts = SIGN_IN[language]
    other: Language = "en" if language == "zh" else "zh"
    message = texts[f"fault_{fault.name.lower()}"].format(minutes=-(-seconds // 60)) if fault else ""
    body = _SIGN_IN.substitute(
        {name: escape(text) for name, text in texts.items()},
        style=_STYLE,
        tag=_TAGS[language],
        client=escape(texts["for_client"].format(client=client_name)),
        fault=f'<p class="fault" id="fault" role="alert">{escape(message)}</p>' if fault else "",
        described='aria-invalid="true" aria-describedby="fault"' if fault else "",
        hidden="\n".join(_hidden(name, value) for name, value in parameters.items()),
        login_value=escape(login),
        other_tag=_TAGS[other],
        other_url=escape("?" + urlencode({**parameters, "ui_locales": _TAGS[other]})),
    )
    headers = {"Retry-After": str(seconds)} if fault is SignInFault.THROTTLED else {}
    return _page(body, language, status=fault.value if fault else 200, form_goes_to=form_goes_to, headers=headers)


def consent_page(
    client_name: str, parameters: Mapping[str, str], *, language: Language, form_goes_to: str, account: str, scopes: Sequence[str]
) -> HTMLResponse:  # fmt: skip
    """What the client will get, in words, and the two answers."""
    texts = CONSENT[language]
    sentences = [SCOPES[name].zh if language == "zh" else SCOPES[name].en for name in scopes]
    body = _CONSENT.substitute(
        {name: escape(text) for name, text in texts.items()},
        style=_STYLE,
        tag=_TAGS[language],
        account=escape(texts["account"].format(name=account)),
        asks=escape(texts["asks"].format(client=client_name)),
        scopes="\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences),
        hidden="\n".join(_hidden(name, value) for name, value in parameters.items()),
    )
    return _page(body, language, status=200, form_goes_to=form_goes_to)


def dead_end_page(language: Language) -> HTMLResponse:
    """For a link that names a client or an address we do not know: there is nowhere safe to send the person."""
    return _notice(DEAD_END[language], language, status=400)


def signed_off_page(language: Language) -> HTMLResponse:
    """The end, where the client named no place to go."""
    return _notice(SIGNED_OFF[language], language, status=200)


def sign_off_page(parameters: Mapping[str, str], *, language: Language, form_goes_to: str) -> HTMLResponse:
    """Asks whether the person wants to sign off."""
    texts = {name: escape(text) for name, text in SIGN_OFF[language].items()}
    hidden = "\n".join(_hidden(name, value) for name, value in parameters.items())
    body = _SIGN_OFF.substitute(texts, style=_STYLE, tag=_TAGS[language], hidden=hidden)
    return _page(body, language, status=200, form_goes_to=form_goes_to)


def _notice(texts: Mapping[str, str], language: Language, *, status: int) -> HTMLResponse:
    escaped = {name: escape(text) for name, text in texts.items()}
    return _page(_NOTICE.substitute(escaped, style=_STYLE, tag=_TAGS[language]), language, status=status)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _page(
    body: str, language: Language, *, status: int, form_goes_to: str | None = None, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    # Browsers hold the redirect after a form to form-action too, so the client's origin has to be in it.
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self' {_origin(form_goes_to)};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(
        body,
        status_code=status,
        headers={
            **(headers or {}),
            "Content-Security-Policy": policy,
            "Content-Language": _TAGS[language],
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
        },
    )


def _origin(uri: str | None) -> str:
    """The source expression of a registered redirect address."""
    parts = urlsplit(uri or "")
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:" if parts.scheme else ""
