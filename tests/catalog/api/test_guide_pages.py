"""Guides and notices as pages, fragments, documents and QR codes."""

from collections.abc import Callable
from datetime import timedelta
import re
from typing import Any

import httpx
import pytest

from services.catalog.documents import guide as documents
from services.catalog.pages.frame import source
from services.catalog.pages.qr import qr_svg
from services.catalog.rules.content import ItemContent
from services.catalog.rules.guide.notice import notice_sections
from services.catalog.rules.guide.sections import guide_sections
from services.catalog.rules.narrowing import narrow
from tests.catalog.conftest import Publish
from tests.catalog.guide_sample import HOSTILE, hostile_item, whole_item
from tests.catalog.pages import Page, in_order, read_page
from tests.catalog.sample import item
from tests.support.service import ServiceUnderTest

RENTED = {"answer": ["business:restaurant", "premises:rented"]}
LOOKS = [{"lang": lang, "text_size": size} for lang in ("zh-CN", "en") for size in ("normal", "large")]
ORIGIN = "http://127.0.0.1:8000/api/catalog/v1"


@pytest.fixture
async def food(publish: Publish) -> dict[str, Any]:
    answer = await publish("food", whole_item())
    assert answer.status_code == 201, answer.text
    published: dict[str, Any] = answer.json()
    return published


async def _page(catalog: ServiceUnderTest, path: str, **query: Any) -> Page:
    answer = await catalog.http.get(path, params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text
    return read_page(answer)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("path", "query"), [("guide", {}), ("notice", RENTED), ("notice", {"answer": ["business:restaurant"]})])
async def test_every_page_is_read_in_order_with_headings_labels_and_no_script(
    catalog: ServiceUnderTest, food: dict[str, Any], path: str, query: dict[str, Any], look: dict[str, str]
) -> None:
    for root in ("/items/food", f"/item-versions/{food['version_id']}"):
        page = await _page(catalog, f"{root}/{path}", **query, **look)
        assert page.faults() == []
        assert page.html["lang"] == look["lang"] and page.html.get("data-size") == ("large" if look["text_size"] == "large" else None)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
async def test_everything_a_guide_says_is_read_in_its_order(catalog: ServiceUnderTest, food: dict[str, Any], lang: str) -> None:
    content = ItemContent.model_validate(whole_item())
    sections = guide_sections("food", content, "en" if lang == "en" else "zh")
    page = await _page(catalog, "/items/food/guide", lang=lang)
    assert in_order([text for section in sections for text in section.texts()], page.text) == []


async def test_everything_a_notice_says_is_read_in_its_order(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    content, answers = ItemContent.model_validate(whole_item()), {"business": ["restaurant"], "premises": ["rented"]}
    sections = notice_sections(content, narrow(content, answers), answers, "zh")
    page = await _page(catalog, "/items/food/notice", **RENTED)
    assert in_order([text for section in sections for text in section.texts()], page.text) == []
    assert "第 1 版 · 自2026年9月21日起施行 · 2026年9月21日 生成" in page.text


async def test_chinese_in_an_english_page_is_marked_as_chinese(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    page = await _page(catalog, "/items/food/guide", lang="en")
    wrong = [(lang, text) for lang, text in page.languages if (lang == "en") and any("\u4e00" <= one <= "\u9fff" for one in text)]
    assert wrong == []


@pytest.mark.parametrize("path", ["guide", "notice", "guide/fragment", "notice/fragment"])
async def test_hostile_texts_are_shown_and_never_run(catalog: ServiceUnderTest, publish: Publish, path: str) -> None:
    answer = await publish("hostile", hostile_item())
    assert answer.status_code == 201, answer.text
    for look in LOOKS:
        shown = await catalog.http.get(f"/items/hostile/{path}", params={**look, **(RENTED if "notice" in path else {})})
        page = read_page(shown)
        assert page.faults(is_fragment="fragment" in path) == []
        assert HOSTILE in page.text and "script" not in page.tags and "img" not in page.tags


@pytest.mark.parametrize("path", ["guide/pdf", "notice/pdf"])
async def test_hostile_texts_print_as_they_are(catalog: ServiceUnderTest, publish: Publish, path: str) -> None:
    await publish("hostile", hostile_item())
    answer = await catalog.http.get(f"/items/hostile/{path}", params=RENTED if "notice" in path else {})
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


async def test_a_browser_may_run_nothing_and_put_the_page_into_no_frame(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    for path in ("guide", "notice"):
        headers = (await catalog.http.get(f"/items/food/{path}")).headers
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            headers["content-security-policy"],
        )
        assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")


@pytest.mark.parametrize(("path", "query"), [("guide", {}), ("notice", RENTED)])
async def test_a_fragment_is_one_article_to_stand_below_the_hall_s_heading(
    catalog: ServiceUnderTest, food: dict[str, Any], path: str, query: dict[str, Any]
) -> None:
    answer = await catalog.http.get(f"/items/food/{path}/fragment", params=query)
    page = read_page(answer)
    assert page.faults(is_fragment=True) == []
    assert answer.text.startswith('<article class="tongban-guide" lang="zh-CN"') and answer.text.rstrip().endswith("</article>")
    assert not {"html", "body", "style", "main", "header", "h1"} & set(page.tags)
    assert "style-src" not in page.policy and "sandbox" in page.policy


async def test_the_text_is_light_enough_and_dark_enough_to_read() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1, in light and in dark."""
    for variables in re.findall(r":root \{([^}]+)\}", source("page.css")):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", variables))
        for ink, ground in (
            ("ink", "paper"), ("quiet", "paper"), ("mark", "paper"), ("ink", "ground"), ("quiet", "ground"), ("ink", "tint"),
            ("mark", "tint"), ("weighty", "weighty-ground"), ("paper", "mark"),
        ):  # fmt: skip
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_a_page_leads_to_its_other_language_its_large_print_and_its_document(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    page = await _page(catalog, "/items/food/notice", **RENTED)
    for name, shows in (("English", "Everything at once"), ("大字版", "一次性告知单"), ("查看完整的办事指南", "办事指南")):
        path, _, query = page.links[name].partition("?")
        answer = await catalog.http.get(f"http://tests{path}" if path.startswith("/") else f"/items/food/notice?{query}")
        address = f"http://tests{path}?{query}" if query else f"http://tests{path}"
        answer = await catalog.http.get(address)
        assert answer.status_code == 200 and shows in answer.text
    document = await catalog.http.get(f"http://tests{page.links['下载 PDF']}")
    assert (document.status_code, document.headers["content-type"]) == (200, "application/pdf")


def _qr_of(answer: httpx.Response) -> str:
    found = re.search(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert found
    return found.group()


async def test_the_qr_code_leads_to_what_is_in_force_and_says_which_version_is_on_the_paper(
    catalog: ServiceUnderTest, food: dict[str, Any]
) -> None:
    guide = await catalog.http.get("/items/food/guide")
    assert _qr_of(guide) == qr_svg(f"{ORIGIN}/items/food/guide?v=1", label="扫码查看现行指南").strip()
    old = await catalog.http.get(f"/item-versions/{food['version_id']}/guide")
    assert _qr_of(old) == _qr_of(guide)
    notice = await catalog.http.get("/items/food/notice", params={**RENTED, "lang": "en"})
    url = f"{ORIGIN}/items/food/notice?answer=business:restaurant&answer=premises:rented&lang=en&v=1"
    assert _qr_of(notice) == qr_svg(url, label="Scan to check this sheet").strip()
    alone = await catalog.http.get("/items/food/guide/qr")
    assert alone.headers["content-type"] == "image/svg+xml" and alone.text.startswith("<?xml")
    assert re.findall(r' d="[^"]+"', alone.text) == re.findall(r' d="[^"]+"', _qr_of(guide))


async def test_who_scans_old_paper_is_told_that_it_is_old(catalog: ServiceUnderTest, publish: Publish, food: dict[str, Any]) -> None:
    await publish("food", whole_item(visits=0))
    assert "您手中的是第 1 版，现行的是第 2 版。请以本页为准。" in (await _page(catalog, "/items/food/guide", v=1)).text
    assert not any("您手中的" in text for text in (await _page(catalog, "/items/food/guide", v=2)).text)


async def test_a_version_keeps_its_page_for_ever_and_says_where_the_one_in_force_is(
    catalog: ServiceUnderTest, publish: Publish, food: dict[str, Any]
) -> None:
    path = f"/item-versions/{food['version_id']}/guide"
    before = await catalog.http.get(path)
    await publish("food", whole_item(visits=0))
    after = await catalog.http.get(path)
    assert after.content == before.content and "immutable" in after.headers["cache-control"]
    assert read_page(after).links["现行办事指南"] == "/api/catalog/v1/items/food/guide?v=1"
    assert "最多1次" in read_page(after).text and "不用到现场" in (await _page(catalog, "/items/food/guide")).text


async def test_a_reader_who_has_the_page_is_not_sent_it_again(catalog: ServiceUnderTest, publish: Publish, food: dict[str, Any]) -> None:
    for path in ("guide", "notice", "guide/pdf", "guide/fragment", "guide/qr"):
        first = await catalog.http.get(f"/items/food/{path}")
        again = await catalog.http.get(f"/items/food/{path}", headers={"If-None-Match": first.headers["etag"]})
        assert (first.headers["cache-control"], again.status_code, again.content) == ("public, no-cache", 304, b"")
    await publish("food", whole_item(visits=0))
    assert (await catalog.http.get("/items/food/guide", headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_questions_are_asked_one_by_one_until_everything_can_be_said(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    answer = await catalog.http.get("/items/food/notice")
    for choice, question in (("business:restaurant", "您经营的是哪一类？"), ("premises:rented", "经营场所是租的吗？")):
        page = read_page(answer)
        assert question in page.text and page.faults() == []
        offered = [one["value"] for one in page.fields if one["type"] == "radio"]
        assert choice in offered and all(one["name"] == "answer" for one in page.fields)
        answer = await catalog.http.get("/items/food/notice", params=_sent(page, choice))
    assert "租房开餐馆" in read_page(answer).text and "经营场所布局图" in read_page(answer).text


def _sent(page: Page, choice: str) -> list[tuple[str, str | int | float | bool | None]]:
    """What a browser sends when one choice is chosen."""
    return [(str(one["name"]), str(one["value"])) for one in page.fields if one["type"] == "hidden" or one["value"] == choice]


async def test_one_can_go_back_to_a_question_that_was_answered(catalog: ServiceUnderTest, food: dict[str, Any]) -> None:
    page = await _page(catalog, "/items/food/notice", answer=["business:restaurant"], text_size="large")
    back = await catalog.http.get(f"http://tests{page.links['从这里重新回答：您经营的是哪一类？']}")
    assert "您经营的是哪一类？" in read_page(back).text and read_page(back).html["data-size"] == "large"


async def test_answers_to_another_version_s_questions_are_asked_anew_when_scanned_from_old_paper(
    catalog: ServiceUnderTest, publish: Publish, food: dict[str, Any]
) -> None:
    changed = whole_item()["situation_table"]
    questions = [{**changed["questions"][0], "key": "trade"}]
    rows = [{"key": "all", "name": {"zh": "全部"}, "when": {"trade": ["restaurant"]}}, {"key": "other", "name": {"zh": "其他"}, "when": {"trade": ["canteen", "farm"]}}]  # fmt: skip
    again = await publish("food", whole_item(situation_table={"rule": "only", "questions": questions, "rows": rows}))
    assert again.status_code == 201, again.text
    page = await _page(catalog, "/items/food/notice", **RENTED, v=1)
    assert "问题有变化，请重新回答。" in page.text and "您经营的是哪一类？" in page.text
    refused = await catalog.http.get("/items/food/notice", params={**RENTED, "v": 2})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tongban:problem:answers-invalid")


@pytest.mark.parametrize("path", ["notice/fragment", "notice/pdf"])
async def test_what_cannot_ask_says_which_questions_are_open(catalog: ServiceUnderTest, food: dict[str, Any], path: str) -> None:
    answer = await catalog.http.get(f"/items/food/{path}", params={"answer": "business:restaurant"})
    assert (answer.status_code, answer.json()["type"], answer.json()["open_questions"]) == (
        422,
        "urn:tongban:problem:answers-incomplete",
        ["premises"],
    )


@pytest.mark.parametrize(
    "query",
    [
        "answer=business", "answer=business:nothing", "answer=weather:fine", "answer=business:restaurant&answer=business:canteen",
        "answer=%3Cscript%3E:x", "answer=a:b%00", "lang=fr", "text_size=huge", "v=0", "v=99999999999999999999", "answer=%FF",
        "&".join(["answer=business:restaurant"] * 201),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_said(catalog: ServiceUnderTest, food: dict[str, Any], query: str) -> None:
    for path in ("notice", "notice/fragment", "notice/pdf"):
        answer = await catalog.http.get(f"/items/food/{path}?{query}")
        assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"


async def test_an_item_without_situations_has_a_notice_at_once(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("plain", item())
    page = await _page(catalog, "/items/plain/notice")
    assert page.faults() == [] and "您要准备的材料" in page.text and not page.fields
    assert (await catalog.http.get("/items/plain/notice?answer=a:b")).status_code == 422


async def test_a_notice_is_dated_with_the_day_it_is_read(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("plain", item())
    await catalog.http.get("/items/plain/notice")
    catalog.clock.advance(timedelta(hours=15, microseconds=-1))
    assert any("2026年9月21日 生成" in text for text in (await _page(catalog, "/items/plain/notice")).text)
    catalog.clock.advance(timedelta(microseconds=1))
    assert any("2026年9月22日 生成" in text for text in (await _page(catalog, "/items/plain/notice")).text)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_document_is_read_aloud_in_order_and_the_same_every_time(
    catalog: ServiceUnderTest, food: dict[str, Any], look: dict[str, str]
) -> None:
    path = f"/item-versions/{food['version_id']}/guide/pdf"
    first, again = [await catalog.http.get(path, params=look) for _ in range(2)]
    assert (first.status_code, first.headers["content-type"], first.content) == (200, "application/pdf", again.content)
    assert b"<pdfuaid:part>1" in first.content and b"/StructTreeRoot" in first.content and b"/MarkInfo" in first.content
    assert first.headers["content-disposition"].endswith("-1.pdf") and "filename*=UTF-8''" in first.headers["content-disposition"]


async def test_a_character_that_the_font_lacks_is_printed_as_a_box_in_a_plain_document(catalog: ServiceUnderTest, publish: Publish) -> None:
    await publish("rare", item(name="𰻝面馆经营备案 \U000f0000"))
    answer = await catalog.http.get("/items/rare/guide/pdf")
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert b"<pdfuaid:part>" not in answer.content


async def test_a_document_is_drawn_without_holding_a_connection(
    catalog: ServiceUnderTest, food: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    real: Callable[..., bytes] = documents.render_guide

    def looking(*given: Any, **named: Any) -> bytes:
        held.append(catalog.runtime.db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(*given, **named)

    monkeypatch.setattr("services.catalog.api.drawing.render_guide", looking)
    assert (await catalog.http.get("/items/food/guide/pdf")).status_code == 200
    assert held == [0]


@pytest.mark.parametrize("path", ["guide", "guide/fragment", "guide/pdf", "guide/qr", "notice", "notice/fragment", "notice/pdf"])
async def test_an_unknown_item_is_a_plain_404(catalog: ServiceUnderTest, path: str) -> None:
    assert (await catalog.http.get(f"/items/none/{path}")).status_code == 404
    if path != "guide/qr":
        assert (await catalog.http.get(f"/item-versions/0199a000-0000-7000-8000-000000000001/{path}")).status_code == 404
