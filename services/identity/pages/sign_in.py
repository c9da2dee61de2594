"""The sign-in page: a page for each way to sign in, with links between them that look like tabs and need no script."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from html import escape
from string import Template
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages.frame import HERE, choices, escaped, framed, hidden, source
from services.identity.pages.texts import SIGN_IN
from services.identity.rules.ways import WAYS, Way

_SIGN_IN = Template(source("sign_in.html"))
_PASSWORD = Template(source("way_password.html"))
_PATH = f"{HERE}/authorize"


class SignInFault(Enum):
    """Why the page is shown again: its text, and the status it is answered with."""

    WRONG = ("wrong", 401)
    ORGANISATION = ("organisation", 422)
    THROTTLED = ("throttled", 429)
    PHONE = ("phone", 422)
    WRONG_CODE = ("wrong_code", 401)
    WRONG_PASSKEY = ("wrong_passkey", 401)
    QR_DECLINED = ("qr_declined", 403)
    CODES_THROTTLED = ("codes_throttled", 429)
    MESSAGES_DOWN = ("messages_down", 503)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on the way to a client. `parameters` are the request's, which every form and link brings along."""

    client_name: str
    parameters: Mapping[str, str]
    language: Language
    form_goes_to: str
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault, and the seconds to wait where that is what is wrong."""

    fault: SignInFault
    seconds: int = 0


def password_page(visit: Visit, *, login: str = "", wrong: Wrong | None = None) -> HTMLResponse:
    """The login and the password. After a fault it keeps the login and says what to do."""
    body = _PASSWORD.substitute(
        escaped(SIGN_IN[visit.language]),
        here=HERE,
        hidden=hidden(visit.parameters),
        login_value=escape(login),
        described=described(wrong),
        invalid='aria-invalid="true" aria-describedby="fault"' if wrong else "",
    )
    return way_page(visit, "password", body, wrong=wrong)


def described(wrong: Wrong | None) -> str:
    """Attributes of the field that a fault is about: the reading begins there."""
    return 'aria-invalid="true" aria-describedby="fault" autofocus' if wrong else ""


def way_page(
    visit: Visit, way: Way, body: str, *, wrong: Wrong | None = None, script: str = "", head: str = ""
) -> HTMLResponse:  # fmt: skip
    """The page around one way to sign in."""
    texts = SIGN_IN[visit.language]
    name, status = wrong.fault.value if wrong else ("", 200)
    message = texts[f"fault_{name}"].format(minutes=-(-wrong.seconds // 60)) if wrong else ""
    content = _SIGN_IN.substitute(
        escaped(texts),
        client=escape(texts["for_client"].format(client=visit.client_name)),
        fault=f'<p class="fault" id="fault" role="alert">{escape(message)}</p>\n' if wrong else "",
        tabs="\n".join(_tab(visit, one, is_here=one == way) for one in WAYS),
        body=body,
    )
    parameters = {**visit.parameters, "way": way}
    return framed(
        content,
        visit.language,
        title=(texts["error"] if wrong else "") + texts["title"],
        status=status,
        is_large=visit.is_large,
        choices=choices(_PATH, parameters, visit.language, is_large=visit.is_large),
        script=script,
        head=head,
        form_goes_to=visit.form_goes_to,
        headers={"Retry-After": str(wrong.seconds)} if wrong and wrong.seconds else {},
    )


def _tab(visit: Visit, way: Way, *, is_here: bool) -> str:
    address = escape(f"{_PATH}?{urlencode({**visit.parameters, 'way': way})}")
    current = ' aria-current="page"' if is_here else ""
    return f'<li><a href="{address}"{current}>{escape(SIGN_IN[visit.language][f"way_{way}"])}</a></li>'
