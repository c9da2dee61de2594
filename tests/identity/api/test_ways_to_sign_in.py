"""The sign-in page in its ways: each is one page that works without scripts, by keyboard and for a screen reader."""

import pytest

from tests.identity.pages import read_page
from tests.identity.provider import NOODLES, PASSWORD, WANG, Provider, request_parameters

WAYS = ["password", "code", "passkey", "qr"]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("way", WAYS)
async def test_every_way_is_a_page_that_a_screen_reader_can_read(provider: Provider, way: str, locale: str) -> None:
    answer = await provider.ask(way=way, ui_locales=locale)
    assert answer.status_code == 200
    page = read_page(answer)
    assert page.faults() == []
    assert page.language == locale
    assert page.titles == [f"{page.headings[0]} · {'通办' if locale == 'zh-CN' else 'Tongban'}"]


@pytest.mark.parametrize("way", [*WAYS, "", "<b>"])
async def test_the_ways_lead_to_each_other_and_say_where_one_is(provider: Provider, way: str) -> None:
    page = read_page(await provider.ask(way=way, state="a&b"))
    ways = [link for link in page.links if "&way=" in link]
    tabs = [link for link in ways if "ui_locales" not in link and "text_size" not in link]
    assert [link.split("&way=")[1] for link in tabs[: len(WAYS)]] == WAYS
    assert page.current == [{"code": "短信验证码", "passkey": "通行密钥", "qr": "扫码"}.get(way, "密码")]
    for link in ways:
        there = await provider.http.get(link.removeprefix("/api/identity/v1"))
        assert there.status_code == 200
        arrived = read_page(there)
        assert {"state": "a&b"}.items() <= arrived.hidden.items() or arrived.current in (["扫码"], ["QR code"])
        assert all("state=a%26b" in link for link in arrived.links if "&way=" in link)


async def test_large_print_stays_large_through_the_sign_in(provider: Provider) -> None:
    first = await provider.ask(way="code")
    assert read_page(first).size is None
    large = next(link for link in read_page(first).links if "text_size=large" in link)
    page = await provider.http.get(large.removeprefix("/api/identity/v1"))
    assert read_page(page).size == "large"
    wrong = await provider.http.post("/authorize/code", data={**read_page(page).hidden, "phone": "1"})
    assert (wrong.status_code, read_page(wrong).size) == (422, "large")


async def test_a_fault_stands_in_the_title_and_at_the_field_it_is_about(provider: Provider) -> None:
    page = read_page(await provider.submit_sign_in(WANG.citizen_id, "wrong"))
    assert page.titles == ["错误：登录 · 通办"]
    assert page.inputs["login"]["aria-describedby"] == "fault"
    assert page.faults() == []


@pytest.mark.parametrize("typed", [NOODLES.uscc, f" {NOODLES.uscc.lower()} "])
async def test_an_organisations_code_is_told_whose_account_to_use_known_or_not(provider: Provider, typed: str) -> None:
    answer = await provider.submit_sign_in(typed, PASSWORD)
    assert answer.status_code == 422
    assert "请由法定代表人或经办人用本人账号登录" in answer.text
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 401


async def test_no_page_runs_a_script_it_was_not_written_with(provider: Provider) -> None:
    answer = await provider.http.get("/authorize", params=request_parameters())
    assert "script-src" not in answer.headers["content-security-policy"]
