"""The pages on the telephone for signing in at a kiosk: the code, the question, how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Literal

from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages import notice_page
from services.identity.pages.frame import HERE, choices, escaped, framed, hidden, source
from services.identity.pages.texts_device import KIOSK_ANSWERED, KIOSK_ASK, KIOSK_CODE
from services.identity.rules.scopes import SCOPES

_CODE = Template(source("device_code.html"))
_ASK = Template(source("device_ask.html"))
_PATH = f"{HERE}/device"
_STATUS: Mapping[str, int] = {"": 200, "over": 409, "throttled": 429}

CodeFault = Literal["", "over", "throttled"]


@dataclass(frozen=True, slots=True)
class KioskSeen:
    """What a person is told of the kiosk that they are about to sign in at; `code` is what its screen has to show."""

    code: str
    name: str
    department: str
    scopes: Sequence[str]


def kiosk_code_page(
    look: Mapping[str, str], language: Language, *, typed: str = "", fault: CodeFault = "", seconds: int = 0
) -> HTMLResponse:  # fmt: skip
    """Asks for the code. `look` is language and size of print."""
    texts, is_large = KIOSK_CODE[language], look.get("text_size") == "large"
    said = texts[f"fault_{fault}"].format(minutes=-(-seconds // 60)) if fault else ""
    content = _CODE.substitute(
        escaped(texts),
        action=_PATH,
        hidden=hidden(look),
        typed=escape(typed),
        fault=f'<p class="fault" id="fault" role="alert">{escape(said)}</p>\n' if fault else "",
        described='aria-invalid="true" aria-describedby="fault hint" autofocus' if fault else 'aria-describedby="hint"',
    )
    return framed(
        content,
        language,
        title=(texts["error"] if fault else "") + texts["title"],
        status=_STATUS[fault],
        is_large=is_large,
        choices=choices(_PATH, look, language, is_large=is_large),
        headers={"Retry-After": str(seconds)} if seconds else {},
    )


def kiosk_ask_page(seen: KioskSeen, carried: Mapping[str, str], language: Language, *, account: str) -> HTMLResponse:
    """Which kiosk, whose, what it may do then; yes or no."""
    texts, is_large = KIOSK_ASK[language], carried.get("text_size") == "large"
    sentences = [SCOPES[name].zh if language == "zh" else SCOPES[name].en for name in seen.scopes]
    content = _ASK.substitute(
        escaped(texts),
        account=escape(texts["account"].format(name=account)),
        user_code=escape(seen.code),
        spelt=escape(" ".join(seen.code.replace("-", ""))),
        kiosk=escape(seen.name),
        of=escape(seen.department),
        scopes="\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences),
        action=f"{_PATH}/answer",
        hidden=hidden(carried),
    )
    again = {name: value for name, value in carried.items() if name != "confirmation"}
    return framed(
        content, language, title=texts["title"], is_large=is_large, choices=choices(_PATH, again, language, is_large=is_large)
    )  # fmt: skip


def kiosk_answered_page(what: Literal["agreed", "declined", "not_a_person"], language: Language, *, status: int = 200) -> HTMLResponse:
    return notice_page(KIOSK_ANSWERED[language][what], language, status=status)
