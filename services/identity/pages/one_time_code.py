"""The two pages of signing in by a one-time code: the phone number, and the code."""

from html import escape
from string import Template
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from services.identity.pages.frame import HERE, escaped, hidden, source
from services.identity.pages.sign_in import Visit, Wrong, described, way_page
from services.identity.pages.texts import SIGN_IN
from services.identity.rules.people import mask_phone

_PHONE = Template(source("way_phone.html"))
_CODE = Template(source("way_code.html"))


def phone_page(visit: Visit, *, phone: str = "", wrong: Wrong | None = None) -> HTMLResponse:
    """Asks for the number to send a code to."""
    texts = escaped(SIGN_IN[visit.language])
    body = _PHONE.substitute(
        texts, here=HERE, hidden=hidden({**visit.parameters, "way": "code"}), phone_value=escape(phone), described=described(wrong)
    )
    return way_page(visit, "code", body, wrong=wrong)


def code_page(visit: Visit, *, code_id: str, phone: str, wrong: Wrong | None = None) -> HTMLResponse:
    """Asks for the code. It says the same whether or not the number has an account."""
    texts = SIGN_IN[visit.language]
    carried = {**visit.parameters, "way": "code"}
    body = _CODE.substitute(
        escaped(texts),
        here=HERE,
        sent=escape(texts["sent"].format(phone=mask_phone(phone))),
        hidden=hidden({**carried, "code_id": code_id, "phone": phone}),
        again=escape(f"{HERE}/authorize?{urlencode(carried)}"),
        described='aria-describedby="sent" autofocus' if wrong is None else described(wrong),
    )
    return way_page(visit, "code", body, wrong=wrong)
