"""The pages of signing in by QR code: the one that shows it, and those on the telephone that scanned it."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
import io
from string import Template
from typing import Literal, Protocol
from urllib.parse import urlencode

import segno
from starlette.responses import HTMLResponse

from chassis.context import Language
from services.identity.pages import notice_page
from services.identity.pages.frame import HERE, escaped, framed, hidden, source
from services.identity.pages.sign_in import Visit, Wrong, way_page
from services.identity.pages.texts import SIGN_IN
from services.identity.pages.texts_qr import QR_ANSWERED, QR_ASK

_SCRIPT = source("qr.js")
_QR = Template(source("way_qr.html"))
_ASK = Template(source("qr_ask.html"))
_POLL_SECONDS = 4


@dataclass(frozen=True, slots=True)
class QrShown:
    """`address` is what the code holds."""

    address: str


class Seen(Protocol):
    """What a person is told of the browser that they are about to sign on."""

    @property
    def client(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def source(self) -> str: ...


def qr_page(visit: Visit, shown: QrShown | None, *, wrong: Wrong | None = None) -> HTMLResponse:
    """The code, and how to scan it; without one (after a no, or too many) a link to a new one. It looks for the answer by itself."""
    texts = SIGN_IN[visit.language]
    again = escape(f"{HERE}/authorize?{urlencode({**visit.parameters, 'way': 'qr'})}")
    if shown is None:
        return way_page(visit, "qr", f'<p><a href="{again}">{escape(texts["qr_new"])}</a></p>\n', wrong=wrong)
    body = _QR.substitute(
        escaped(texts),
        svg=qr_svg(shown.address, texts["qr_label"]),
        state=escape(f"{HERE}/authorize/qr/state?{urlencode({'client_id': visit.parameters.get('client_id', '')})}"),
        again=again,
    )
    head = f'<noscript><meta http-equiv="refresh" content="{_POLL_SECONDS}; url={again}"></noscript>\n'
    return way_page(visit, "qr", body, script=_SCRIPT, head=head)


def qr_ask_page(seen: Seen, parameters: Mapping[str, str], *, language: Language, action: str, account: str) -> HTMLResponse:
    """On the telephone: which application, which browser, from where; yes or no."""
    texts = QR_ASK[language]
    content = _ASK.substitute(
        escaped(texts),
        account=escape(texts["account"].format(name=account)),
        client=escape(seen.client),
        device=escape(seen.device or texts["unknown"]),
        source=escape(seen.source),
        action=escape(action),
        hidden=hidden(parameters),
    )
    return framed(content, language, title=texts["title"], is_large=parameters.get("text_size") == "large")


def qr_answered_page(what: Literal["agreed", "declined", "over", "sign_in_first"], language: Language, *, status: int) -> HTMLResponse:
    """On the telephone: how it ended."""
    return notice_page(QR_ANSWERED[language][what], language, status=status)


def qr_svg(address: str, label: str) -> str:
    """As an image with a text; dark on light in every colour scheme, because scanners want it so."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, scale=6, border=4, dark="#000", light="#fff", title=label, svgclass="qr", lineclass=None,
        omitsize=True,
    )  # fmt: skip
    return out.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)
