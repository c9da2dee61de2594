"""mod_auth_openidc (Debian), certified by the OpenID Foundation, puts a page of a department's web server behind our sign-on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from host.demo.sign_in import Form
from host.sample_city import load_city
from tests.interop.apache import CLIENT, Apache, apache_at, new_origin
from tests.support.registration import register_client
from tests.support.suite import RunningSuite
from tests.support.waiting import until

pytestmark = pytest.mark.apache


@pytest.fixture(scope="module")
def department(provider: RunningSuite, scratch: Path) -> Iterator[Apache]:
    origin = new_origin()
    secret = asyncio.run(register_client(provider, CLIENT, redirect_uris=[f"{origin}/system/callback"], **_sign_off_of(origin)))
    with apache_at(origin, scratch / "interop-apache", issuer=provider.url, secret=secret) as apache:
        yield apache


def test_a_page_is_shown_after_signing_on_and_says_who_it_is_shown_to(provider: RunningSuite, department: Apache) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(department.page)
        assert page.url.path == "/api/identity/v1/authorize", department.log()
        shown = _sign_in(browser, page, provider.cast.password)
        assert (shown.status_code, str(shown.url)) == (200, department.page), department.log()
        assert "only for people who signed on" in shown.text
        assert shown.headers["x-signed-on"]
        assert browser.get(department.page).history == [], "signed on once, for the session"


def test_signing_off_here_signs_off_there_and_back(provider: RunningSuite, department: Apache) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        assert _sign_in(browser, browser.get(department.page), provider.cast.password).status_code == 200
        left = browser.get(f"{department.origin}/system/callback", params={"logout": f"{department.origin}/goodbye.html"})
        assert (left.status_code, left.url.path) == (200, "/goodbye.html"), department.log()
        assert any(step.url.path == "/api/identity/v1/logout" for step in left.history), "the provider was told"
        assert browser.get(department.page).url.path == "/api/identity/v1/authorize", "signed off at both"


async def test_signing_off_elsewhere_ends_the_session_here_behind_the_browsers_back(provider: RunningSuite, department: Apache) -> None:
    async with httpx.AsyncClient(follow_redirects=True, timeout=30) as browser:
        form = Form()
        page = await browser.get(department.page)
        form.feed(page.text)
        filled = {**form.fields, "login": load_city().citizens[0].phone, "password": provider.cast.password}
        assert (await browser.post(page.url.join(form.action), data=filled)).status_code == 200
        at_apache = [cookie for cookie in browser.cookies.jar if cookie.name.startswith("mod_auth_openidc")]
        assert at_apache

        asked = await browser.get(f"{provider.url}/api/identity/v1/logout")
        confirming = Form()
        confirming.feed(asked.text)
        await browser.post(asked.url.join(confirming.action), data=confirming.fields)

        async def is_over() -> bool:
            return (await browser.get(department.page)).url.path == "/api/identity/v1/authorize"

        await until(is_over, seconds=30)


def test_a_wrong_password_shows_no_page(provider: RunningSuite, department: Apache) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        shown = _sign_in(browser, browser.get(department.page), "not the password")
        assert (shown.status_code, shown.url.path) == (401, "/api/identity/v1/authorize")
        assert "only for people who signed on" not in browser.get(department.page).text


def _sign_off_of(origin: str) -> dict[str, Any]:
    return {
        "post_logout_redirect_uris": [f"{origin}/goodbye.html"],
        "backchannel_logout_uri": f"{origin}/system/callback?logout=backchannel",
    }


def _sign_in(browser: httpx.Client, page: httpx.Response, password: str) -> httpx.Response:
    form = Form()
    form.feed(page.text)
    login = load_city().citizens[0].phone
    return browser.post(page.url.join(form.action), data={**form.fields, "login": login, "password": password})
