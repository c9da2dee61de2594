"""The page of an item that is no more: whoever scans an old paper is told so, and where it went."""

from html import escape

from starlette.responses import HTMLResponse

from services.catalog.pages.frame import choices, framed
from services.catalog.pages.guide import Look
from services.catalog.pages.texts import TEXTS


def gone_page(
    *, since: str, reason: str, moved_to: str | None, path: str, query: list[tuple[str, str]], look: Look
) -> HTMLResponse:  # fmt: skip
    """`moved_to` is the address of the guide that takes its place."""
    texts = TEXTS[look.language]
    link = f'<p class="do"><a href="{escape(moved_to)}">{escape(texts["moved_to"])}</a></p>\n' if moved_to else ""
    content = f'<h1>{escape(texts["gone"])}</h1>\n<p class="weighty">{escape(texts["gone_reason"].format(since=since, reason=reason))}</p>\n{link}'
    links = choices(path, query, look.language, is_large=look.is_large, pdf=None)
    page = framed(content, look.language, title=texts["gone"], is_large=look.is_large, choices=links)
    page.status_code = 410
    return page
