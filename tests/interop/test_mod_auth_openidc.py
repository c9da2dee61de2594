"""mod_auth_openidc (Debian), certified by the OpenID Foundation, puts a page of a department's web server behind our sign-on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from host.demo.sign_in import Form
from host.sample_city import load_city
from tests.interop.apache import CLIENT, Apache, apache_at, new_origin
from tests.support.registration import register_client
from tests.support.suite import RunningSuite

pytestmark = pytest.mark.apache


@pytest.fixture(scope="module")
def department(provider: RunningSuite, scratch: Path) -> Iterator[Apache]:
    origin = new_origin()
    secret = asyncio.run(register_client(provider, CLIENT, redirect_uris=[f"{origin}/system/callback"]))
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


def test_a_wrong_password_shows_no_page(provider: RunningSuite, department: Apache) -> None:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        shown = _sign_in(browser, browser.get(department.page), "not the password")
        assert (shown.status_code, shown.url.path) == (401, "/api/identity/v1/authorize")
        assert "only for people who signed on" not in browser.get(department.page).text


def _sign_in(browser: httpx.Client, page: httpx.Response, password: str) -> httpx.Response:
    form = Form()
    form.feed(page.text)
    login = load_city().citizens[0].phone
    return browser.post(page.url.join(form.action), data={**form.fields, "login": login, "password": password})
