"""A guide or a notice as PDF on A4: PDF/UA, so that it is read aloud in order, or plain PDF where the font lacks a character.

The same version gives the same bytes: every date in it comes from its record. Fonts come from a wheel and not from the machine.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from services.catalog.rules.guide.parts import Facts, Language, Listing, Part, Passage, Said, Section, Table

if TYPE_CHECKING:
    import typst

_TEMPLATE = Path(__file__).with_name("guide.typ")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around the sections; every member is text as it is printed."""

    kind: str
    name: str
    authority: str
    edition: str
    said: str
    qr: str
    qr_says: str
    language: Language
    is_large: bool


def render_guide(sheet: Sheet, sections: Sequence[Section], *, at: datetime) -> bytes:
    """The PDF, dated `at`. Takes tens of milliseconds of CPU: call it outside the event loop. Safe in several threads."""
    import typst

    page = {**asdict(sheet), "sections": [_section(one) for one in sections]}
    data = {"guide": json.dumps(page, ensure_ascii=False)}
    try:
        return _compile(data, at, "ua-1")
    except typst.TypstError:
        # PDF/UA admits no character its fonts lack, and texts may have such characters: then a plain PDF shows an empty box.
        return _compile(data, at, "1.7")


def _compile(data: dict[str, str], at: datetime, standard: Literal["ua-1", "1.7"]) -> bytes:
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


def _section(section: Section) -> dict[str, object]:
    return {"title": _said(section.title), "parts": [_part(one) for one in section.parts]}


def _part(part: Part) -> dict[str, object]:
    match part:
        case Facts(rows, title):
            facts = [[_said(name), [_said(one) for one in cell]] for name, cell in rows]
            return {"is": "facts", "title": _title(title), "rows": facts}
        case Listing(entries, is_ordered):
            return {"is": "listing", "is_ordered": is_ordered, "entries": [_said(one) for one in entries]}
        case Passage(said, title, is_weighty):
            return {"is": "passage", "title": _title(title), "text": _said(said), "is_weighty": is_weighty}
        case Table(caption, head, rows):
            cells = [[[_said(one) for one in cell] for cell in row] for row in rows]
            return {"is": "table", "caption": caption, "head": list(head), "rows": cells}


def _title(title: Said | None) -> dict[str, str] | None:
    return _said(title) if title else None


def _said(said: Said) -> dict[str, str]:
    """The text and its language; on paper an address has to be read."""
    address = f" {said.address}" if said.address and said.address != said.text else ""
    return {"text": said.text + address, "language": said.language}
