"""The account page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from chassis.clock import LOCAL_ZONE
from chassis.context import Language
from services.identity.pages.frame import HERE, choices, escaped, framed, hidden, source
from services.identity.pages.passkey import PASSKEY_SCRIPT
from services.identity.pages.texts_account import ACCOUNT, METHODS

_ACCOUNT = Template(source("account.html"))
_ADDING = Template(source("account_adding.html"))
_PATH = f"{HERE}/account"


@dataclass(frozen=True, slots=True)
class SessionShown:
    """`is_here`: it is the session of the browser that shows the page."""

    id: str
    device: str
    signed_in_at: datetime
    methods: tuple[str, ...]
    clients: tuple[str, ...]
    is_here: bool


@dataclass(frozen=True, slots=True)
class PasskeyShown:
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountShown:
    """`number` is masked, empty for staff; `may_add_passkey` where the person has just signed in."""

    name: str
    number: str
    confirmation: str
    may_add_passkey: bool
    sessions: Sequence[SessionShown]
    passkeys: Sequence[PasskeyShown]


def account_page(
    shown: AccountShown, carried: Mapping[str, str], *, language: Language, fault: str = "", status: int = 200
) -> HTMLResponse:
    """`carried` is how the page looks: language and size of print. `fault` is a sentence."""
    texts = ACCOUNT[language]
    forms = hidden({**carried, "confirmation": shown.confirmation})
    is_large = carried.get("text_size") == "large"
    content = _ACCOUNT.substitute(
        escaped(texts),
        here=HERE,
        who=escape(" · ".join(filter(None, [shown.name, shown.number]))),
        fault=f'<p class="fault" role="alert">{escape(fault)}</p>\n' if fault else "",
        sessions="\n".join(_session(one, texts, language, forms) for one in shown.sessions),
        passkeys=_passkeys(shown.passkeys, texts, forms),
        adding=_adding(shown, texts, carried, forms),
    )
    return framed(
        content,
        language,
        title=(texts["error"] if fault else "") + texts["title"],
        status=status,
        is_large=is_large,
        choices=choices(_PATH, carried, language, is_large=is_large),
        script=PASSKEY_SCRIPT if shown.may_add_passkey else "",
    )


def _session(one: SessionShown, texts: Mapping[str, str], language: Language, forms: str) -> str:
    methods = "、".join(METHODS[language].get(method, method) for method in one.methods if method in METHODS[language])
    facts = [texts["since"].format(time=_time(one.signed_in_at)), methods, "、".join(one.clients)]
    name = (one.device or texts["unknown_device"]) + (texts["this_browser"] if one.is_here else "")
    said = escape(" · ".join(filter(None, facts)))
    button = _button("sessions/end", "session_id", one.id, texts["end"], name, forms)
    return f"<li><strong>{escape(name)}</strong><br>{said}{button}</li>"


def _passkeys(shown: Sequence[PasskeyShown], texts: Mapping[str, str], forms: str) -> str:
    if not shown:
        return f"<p>{escape(texts['no_passkeys'])}</p>"
    items = []
    for one in shown:
        facts = [texts["added"].format(time=_time(one.created_at))]
        facts += [texts["used"].format(time=_time(one.last_used_at))] if one.last_used_at else []
        button = _button("passkeys/remove", "passkey_id", one.id, texts["remove"], one.name, forms)
        items.append(f"<li><strong>{escape(one.name)}</strong><br>{escape(' · '.join(facts))}{button}</li>")
    return '<ul class="things">\n' + "\n".join(items) + "\n</ul>"


def _adding(shown: AccountShown, texts: Mapping[str, str], carried: Mapping[str, str], forms: str) -> str:
    if shown.may_add_passkey:
        return _ADDING.substitute(escaped(texts), here=HERE, hidden=forms)
    address = escape(f"{_PATH}?{urlencode({**carried, 'again': 'yes'})}")
    return f'<p><a href="{address}">{escape(texts["sign_in_again"])}</a></p>\n'


def _button(path: str, field: str, value: str, does: str, to_what: str, forms: str) -> str:
    """A form of one button, which says to a screen reader what it is about."""
    label = escape(f"{does}：{to_what}")
    return (
        f'\n<form method="post" action="{_PATH}/{path}">{forms}<input type="hidden" name="{field}" value="{escape(value)}">'
        f'<button type="submit" class="second" aria-label="{label}">{escape(does)}</button></form>'
    )  # fmt: skip


def _time(instant: datetime) -> str:
    return instant.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")
