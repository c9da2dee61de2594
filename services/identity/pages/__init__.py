"""The pages of the identity service: plain HTML that works without scripts, for screen readers and old machines too."""

from collections.abc import Mapping, Sequence
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages.frame import HERE, escaped, framed, hidden, source
from services.identity.pages.texts import CONSENT, DEAD_END, SIGN_OFF, SIGNED_OFF
from services.identity.rules.scopes import SCOPES

_CONSENT = Template(source("consent.html"))
_SIGN_OFF = Template(source("sign_off.html"))
_NOTICE = Template(source("notice.html"))


def consent_page(
    client_name: str, parameters: Mapping[str, str], *, language: Language, form_goes_to: str, account: str, scopes: Sequence[str],
    is_large: bool,
) -> HTMLResponse:  # fmt: skip
    """What the client will get, in words, and the two answers."""
    texts = CONSENT[language]
    sentences = [SCOPES[name].zh if language == "zh" else SCOPES[name].en for name in scopes]
    content = _CONSENT.substitute(
        {
            **escaped(texts),
            "here": HERE,
            "account": escape(texts["account"].format(name=account)),
            "asks": escape(texts["asks"].format(client=client_name)),
            "scopes": "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences),
            "hidden": hidden(parameters),
        }
    )
    return framed(content, language, title=texts["title"], form_goes_to=form_goes_to, is_large=is_large)


def dead_end_page(language: Language) -> HTMLResponse:
    """For a link that names a client or an address we do not know: there is nowhere safe to send the person."""
    return notice_page(DEAD_END[language], language, status=400)


def signed_off_page(language: Language) -> HTMLResponse:
    """The end, where the client named no place to go."""
    return notice_page(SIGNED_OFF[language], language, status=200)


def sign_off_page(parameters: Mapping[str, str], *, language: Language, form_goes_to: str) -> HTMLResponse:
    """Asks whether the person wants to sign off."""
    texts = SIGN_OFF[language]
    content = _SIGN_OFF.substitute(escaped(texts), here=HERE, hidden=hidden(parameters))
    return framed(content, language, title=texts["title"], form_goes_to=form_goes_to)


def notice_page(texts: Mapping[str, str], language: Language, *, status: int) -> HTMLResponse:
    """A heading and a message, and nothing to do here."""
    return framed(_NOTICE.substitute(escaped(texts)), language, title=texts["title"], status=status)
