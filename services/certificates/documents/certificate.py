"""A certificate as a page: PDF/A-3, or plain PDF where a name has a character the font lacks.

The same certificate gives the same bytes: every date on it comes from its record. Fonts come from a wheel and not from the machine.
The signed text is attached, so the file proves itself offline; the QR code leads to the live status.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import segno

from services.certificates.rules.certificates import CertificateContent
from services.certificates.rules.elements import lines

if TYPE_CHECKING:
    import typst

_TEMPLATE = Path(__file__).with_name("certificate.typ")
_CODE_LABELS = {"person": ("公民身份号码", "Citizen ID number"), "organisation": ("统一社会信用代码", "Unified social credit code")}


def render_certificate(
    content: CertificateContent, schema: Mapping[str, Any], *, verify_url: str, signed: str, entered_at: datetime
) -> bytes:
    """The PDF. Takes milliseconds of CPU (the first time some 50 ms more): call it outside the event loop. Safe in several threads."""
    import typst

    data = {"certificate": json.dumps(_page(content, schema, verify_url, signed), ensure_ascii=False)}
    try:
        return _compile(data, entered_at, "a-3b")
    except typst.TypstError:
        # PDF/A admits no character its fonts lack, and names have such characters: then a plain PDF shows an empty box.
        return _compile(data, entered_at, "1.7")


def _compile(data: dict[str, str], at: datetime, standard: Literal["a-3b", "1.7"]) -> bytes:
    import typst

    page = typst.compile(
        _TEMPLATE, font_paths=_fonts(), sys_inputs=data, format="pdf", pdf_standards=standard, timestamp=int(at.timestamp())
    )
    assert isinstance(page, bytes)
    return page


@cache
def _fonts() -> "typst.Fonts":
    """The font files, read once; the import is late because most processes never print."""
    import manimgx_fonts_cjk
    import typst

    folder = Path(manimgx_fonts_cjk.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _page(content: CertificateContent, schema: Mapping[str, Any], verify_url: str, signed: str) -> dict[str, Any]:
    """What the template prints; every value is text."""
    code_label, code_label_en = _CODE_LABELS[content.holder.kind]
    head = [("持证主体", "Holder", content.holder.name), (code_label, code_label_en, content.holder.code)]
    if content.number != content.holder.code:
        head.insert(0, ("证照编号", "Number", content.number))
    body = [(line.label, line.label_en, _text(line.value)) for line in lines(schema, content.elements)]
    validity = (
        f"{_day(content.valid_from)} 至 {_day(content.valid_until)}" if content.valid_until else f"{_day(content.valid_from)} 起长期有效"
    )
    return {
        "title": content.type.name,
        "title_en": content.type.name_en,
        "lines": [{"label": label, "label_en": label_en, "value": value} for label, label_en, value in [*head, *body]],
        "validity": validity,
        "issuer": content.issuer.name,
        "issued_on": _day(content.issued_on),
        "identifier": content.identifier,
        "verify_url": verify_url,
        "qr": _qr(verify_url),
        "signed": signed,
    }


def _qr(url: str) -> str:
    svg = io.BytesIO()
    segno.make(url, error="m", micro=False).save(svg, kind="svg", xmldecl=False, border=0, dark="#1f2a37")
    return svg.getvalue().decode()


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(value) if isinstance(value, list) else str(value)
