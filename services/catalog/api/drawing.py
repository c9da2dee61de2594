"""A version of an item drawn as what a route gives: page, fragment, document, QR code."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from fastapi import Request, Response

from chassis.clock import local_day
from services.catalog.api.showing import HERE, Asked, addresses, complete, edition_of, narrowed_by, sent, terms_of
from services.catalog.documents.guide import Sheet, render_guide
from services.catalog.life_errors import ItemWithdrawn
from services.catalog.pages.gone import gone_page
from services.catalog.pages.guide import edition_text, guide_page, heading_of, notice_page
from services.catalog.pages.qr import qr_svg
from services.catalog.pages.questions import question_page
from services.catalog.pages.texts import TEXTS
from services.catalog.queries.show_guide import Version
from services.catalog.rules.guide.notice import notice_sections
from services.catalog.rules.guide.parts import Section
from services.catalog.rules.guide.sections import guide_sections
from services.catalog.rules.guide.standing import standing_section
from services.catalog.rules.guide.teller import Teller, day_text
from services.catalog.rules.narrowing import Answers

Kind = Literal["guide", "notice"]


def guide_as_page(request: Request, version: Version, asked: Asked, seen: str | None, *, is_fragment: bool = False) -> Response:
    """The guide, whole."""
    sections = _guide(version, asked)
    where = addresses(request, version, "guide", {})
    page = guide_page(version.item, sections, edition_of(version, asked), where, asked.look(is_fragment=is_fragment))
    return sent(request, page, terms_of(version, _now(request)), seen)


async def guide_as_pdf(request: Request, version: Version, asked: Asked, seen: str | None) -> Response:
    sections = _guide(version, asked)
    return await _document(request, version, "guide", sections, {}, asked, seen)


def notice_as_page(
    request: Request, version: Version, given: Sequence[str], asked: Asked, seen: str | None, *, is_fragment: bool = False
) -> Response:
    """The sheet for the answers given; the next question where answers are missing. Raises AnswersInvalid, AnswersIncomplete."""
    answers, narrowed, is_anew = narrowed_by(version, given, seen=asked.seen)
    where, edition = addresses(request, version, "notice", answers), edition_of(version, asked)
    if narrowed.open_questions and not is_fragment:
        page = question_page(version.item, narrowed.open_questions[0], answers, edition, where, asked.look(), is_anew=is_anew)
        return sent(request, page, terms_of(version, _now(request)), seen)
    complete(narrowed)
    sections = [*_standing(version, asked), *notice_sections(version.item, narrowed, answers, asked.language)]
    today = local_day(_now(request))
    page = notice_page(version.item, sections, edition, today, where, asked.look(is_fragment=is_fragment))
    return sent(request, page, terms_of(version, _now(request), is_dated=True), seen)


async def notice_as_pdf(request: Request, version: Version, given: Sequence[str], asked: Asked, seen: str | None) -> Response:
    """Raises AnswersInvalid, AnswersIncomplete."""
    answers, narrowed, _ = narrowed_by(version, given, seen=asked.seen)
    complete(narrowed)
    sections = [*_standing(version, asked), *notice_sections(version.item, narrowed, answers, asked.language)]
    return await _document(request, version, "notice", sections, answers, asked, seen)


def guide_as_qr(request: Request, version: Version, asked: Asked, seen: str | None) -> Response:
    """The QR code that leads to the guide, as a picture of its own."""
    where = addresses(request, version, "guide", {})
    svg = qr_svg(where.qr, label=TEXTS[asked.language]["qr_guide"], standalone=True)
    drawn = Response(svg, media_type="image/svg+xml", headers={"Content-Security-Policy": "default-src 'none'"})
    return sent(request, drawn, terms_of(version, _now(request)), seen)


async def _document(
    request: Request, version: Version, kind: Kind, sections: Sequence[Section], answers: Answers, asked: Asked, seen: str | None
) -> Response:  # fmt: skip
    texts, teller, now = TEXTS[asked.language], Teller(asked.language), _now(request)
    name, authority = heading_of(version.item, asked.language)
    edition = edition_text(edition_of(version, asked), asked.language)
    is_notice = kind == "notice"
    where = addresses(request, version, kind, answers)
    sheet = Sheet(
        kind=texts[kind],
        name=name.text,
        authority=authority.text,
        edition=f"{edition} · {texts['made'].format(day=day_text(local_day(now), asked.language))}" if is_notice else edition,
        said=teller.word("all_said") if is_notice else "",
        qr=qr_svg(where.qr, label=texts[f"qr_{kind}"]),
        qr_says=texts[f"qr_{kind}"],
        language=asked.language,
        is_large=asked.is_large,
    )
    drawn = await asyncio.to_thread(render_guide, sheet, sections, at=version.published_at)
    title = quote(f"{name.text}-{texts[kind]}-{version.number}.pdf", safe="")
    answer = Response(drawn, media_type="application/pdf", headers={"Content-Disposition": f"inline; filename*=UTF-8''{title}"})
    answer.headers["Vary"] = "Accept-Language"
    return sent(request, answer, terms_of(version, now, is_dated=is_notice), seen)


def _guide(version: Version, asked: Asked) -> list[Section]:
    return [*_standing(version, asked), *guide_sections(version.local_code, version.item, asked.language)]


def _standing(version: Version, asked: Asked) -> list[Section]:
    return standing_section(version.in_force.stands, Teller(asked.language)) if version.in_force else []


def gone_as_page(request: Request, gone: ItemWithdrawn, asked: Asked) -> Response:
    """Of an item that is withdrawn."""
    facts, moved_to = gone.facts, gone.facts["moved_to"]
    return gone_page(
        since=facts["since"],
        reason=facts["reason"],
        moved_to=f"{HERE}/items/{moved_to}/guide" if moved_to else None,
        path=request.url.path,
        query=request.query_params.multi_items(),
        look=asked.look(),
    )


def _now(request: Request) -> datetime:
    now: datetime = request.app.state.runtime.clock.now()
    return now
