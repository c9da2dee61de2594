"""The page of a guide, and of a notice that says everything at once: a head with its QR code, and the sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from services.catalog.pages.drawing import TAGS, Drawing
from services.catalog.pages.frame import choices, fragment, framed, source
from services.catalog.pages.qr import qr_svg
from services.catalog.pages.texts import TEXTS
from services.catalog.rules.content import ItemContent
from services.catalog.rules.guide.parts import Language, Said, Section
from services.catalog.rules.guide.teller import Teller, day_text

_GUIDE = Template(source("guide.html"))


@dataclass(frozen=True, slots=True)
class Edition:
    """Which version a page shows. `seen` is the version a reader has on paper, where it is another one; `current` is where the
    version in force is, on the page of a version that may no longer be."""

    number: int
    effective_on: date
    seen: int | None = None
    current: str | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where things are: the page itself (path and query), what its QR code leads to, the page as a document, the other page."""

    path: str
    query: tuple[tuple[str, str], ...]
    qr: str
    pdf: str
    other: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader wants it. A fragment begins one level of headings lower and has no frame."""

    language: Language
    is_large: bool = False
    is_fragment: bool = False


def guide_page(item: ItemContent, sections: Sequence[Section], edition: Edition, where: Addresses, look: Look) -> HTMLResponse:
    """The whole guide, with its contents."""
    return _page("guide", item, sections, edition, where, look)


def notice_page(
    item: ItemContent, sections: Sequence[Section], edition: Edition, made_on: date, where: Addresses, look: Look
) -> HTMLResponse:
    """Everything at once, for one situation."""
    made = TEXTS[look.language]["made"].format(day=day_text(made_on, look.language))
    return _page("notice", item, sections, edition, where, look, made=f" · {made}")


def _page(
    kind: str, item: ItemContent, sections: Sequence[Section], edition: Edition, where: Addresses, look: Look, *, made: str = ""
) -> HTMLResponse:  # fmt: skip
    texts, teller = TEXTS[look.language], Teller(look.language)
    level = 2 if look.is_fragment else 1
    drawing = Drawing(look.language, level=level + 1)
    name, authority = heading_of(item, look.language)
    qr_says = texts[f"qr_{kind}"]
    content = _GUIDE.substitute(
        tag=TAGS[look.language],
        kind=escape(texts[kind]),
        level=level,
        name=escape(name.text),
        name_lang=drawing.language_of(name),
        authority=escape(authority.text),
        authority_lang=drawing.language_of(authority),
        edition=escape(edition_text(edition, look.language) + made),
        qr=qr_svg(where.qr, label=qr_says),
        qr_says=escape(qr_says),
        said=said_of(edition, look.language) + _assurance(kind, teller),
        contents=_contents(kind, drawing, sections, where, look),
        sections=drawing.sections(sections),
    )
    if look.is_fragment:
        return fragment(content, look.language)
    links = choices(where.path, list(where.query), look.language, is_large=look.is_large, pdf=where.pdf)
    return framed(content, look.language, title=f"{name.text} · {texts[kind]}", is_large=look.is_large, choices=links)


def _contents(kind: str, drawing: Drawing, sections: Sequence[Section], where: Addresses, look: Look) -> str:
    """The way to the other page, and links to the sections; a fragment has the page's own."""
    if look.is_fragment:
        return ""
    texts = TEXTS[look.language]
    way = f'<p class="do"><a href="{escape(where.other)}">{escape(texts["to_notice" if kind == "guide" else "to_guide"])}</a></p>\n'
    return way + (drawing.contents(sections, texts["contents"]) if kind == "guide" else "")


def _assurance(kind: str, teller: Teller) -> str:
    return f'<p class="said">{escape(teller.word("all_said"))}</p>\n' if kind == "notice" else ""


def said_of(edition: Edition, language: Language) -> str:
    """What a reader of another version must know."""
    texts = TEXTS[language]
    if edition.current:
        kept = escape(texts["kept"].format(number=edition.number))
        return f'<p class="said">{kept} <a href="{escape(edition.current)}">{escape(texts["current"])}</a>{"。" if language == "zh" else "."}</p>\n'
    if edition.seen and edition.seen != edition.number:
        return f'<p class="weighty">{escape(texts["superseded"].format(seen=edition.seen, number=edition.number))}</p>\n'
    return ""


def edition_text(edition: Edition, language: Language) -> str:
    return TEXTS[language]["edition"].format(number=edition.number, day=day_text(edition.effective_on, language))


def heading_of(item: ItemContent, language: Language) -> tuple[Said, Said]:
    """The item's name and its authority's."""
    teller = Teller(language)
    return teller.named(item.name, item.name_en), teller.named(item.authority.name, item.authority.name_en)
