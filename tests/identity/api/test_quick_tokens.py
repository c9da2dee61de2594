"""The quick way through the token endpoint gives what the ordinary one gives, refuses nothing by itself, and remembers nothing."""

import asyncio
from typing import Any

import httpx
import pytest

from services.identity.api.quick_tokens import plain_form
from tests.identity.provider import DEPARTMENT, WANG, Provider

SECRET = "s" * 43
ANOTHER = "t" * 43
UNUSUAL = {"unusual": "yes"}
"""Sends a request the ordinary way."""


@pytest.fixture
async def system(provider: Provider) -> Provider:
    await provider.put_department()
    await put_system(provider)
    await provider.sign_up()
    return provider


async def put_system(provider: Provider, **change: Any) -> None:
    await provider.put_client(
        "market", **{"kind": "confidential", "department": DEPARTMENT, "scopes": ["exchange.subscribe", "certificates.supply"], "secret": SECRET, **change}
    )  # fmt: skip


@pytest.fixture
def no_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        raise AssertionError("went the ordinary way")

    monkeypatch.setattr("services.identity.api.token.authenticated_client", never)


async def credentials(provider: Provider, secret: str = SECRET, **form: str) -> httpx.Response:
    return await provider.token(("market", secret), grant_type="client_credentials", **form)


async def refresh(provider: Provider, token: str, **form: str) -> httpx.Response:
    return await provider.token(**{"grant_type": "refresh_token", "client_id": "tongban-demo", "refresh_token": token, **form})


@pytest.mark.usefixtures("no_ordinary_way")
async def test_plain_requests_go_the_quick_way(system: Provider) -> None:
    assert (await credentials(system)).status_code == 200
    sent = {"grant_type": "client_credentials", "client_id": "market", "client_secret": SECRET}
    assert (await system.token(**sent)).status_code == 200
    answer = await system.token(
        **{**sent, "client_id": "svc-operator", "client_secret": system.service.runtime.keys.secret_for("client:svc-operator")}
    )
    assert system.claims(answer.json()["access_token"])["actor_kind"] == "service"


async def test_a_persons_refresh_token_goes_the_quick_way(system: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    token = (await system.tokens(WANG.citizen_id))["refresh_token"]

    async def never(*_: object) -> None:
        raise AssertionError("went the ordinary way")

    monkeypatch.setattr("services.identity.api.token.authenticated_client", never)
    for _ in range(3):
        answer = await refresh(system, token)
        assert answer.status_code == 200, answer.text
        token = answer.json()["refresh_token"]


async def test_both_ways_give_the_same(system: Provider) -> None:
    quick, ordinary = (
        await credentials(system, scope="exchange.subscribe"),
        await credentials(system, scope="exchange.subscribe", **UNUSUAL),
    )
    assert same(system, quick) == same(system, ordinary)
    tokens = await system.tokens(WANG.citizen_id, scope="openid identity.self intake.apply")
    quick = await refresh(system, tokens["refresh_token"])
    ordinary = await refresh(system, quick.json()["refresh_token"], **UNUSUAL)
    assert same(system, quick) == same(system, ordinary)
    narrowed = await refresh(system, ordinary.json()["refresh_token"], scope="identity.self")
    assert narrowed.json()["scope"] == "identity.self"


def same(provider: Provider, answer: httpx.Response) -> Any:
    """All of an answer that does not differ from one issue to the next."""
    body = {**answer.json(), "refresh_token": "refresh_token" in answer.json()}
    for name in ("access_token", "id_token"):
        if name in body:
            claims = provider.claims(body[name])
            body[name] = {key: value for key, value in claims.items() if key != "jti"}
    return answer.status_code, answer.headers["content-type"], answer.headers["cache-control"], body


async def test_a_changed_registration_counts_from_the_next_request(system: Provider) -> None:
    assert (await credentials(system)).status_code == 200
    await put_system(system, secret=ANOTHER)
    assert (await credentials(system)).json()["error"] == "invalid_client"
    await put_system(system, secret=ANOTHER, scopes=["exchange.subscribe"])
    assert (await credentials(system, ANOTHER)).json()["scope"] == "exchange.subscribe"
    await put_system(system, secret=ANOTHER, dpop_bound_access_tokens=True)
    assert (await credentials(system, ANOTHER)).json()["error"] == "invalid_dpop_proof"
    await put_system(system, secret=ANOTHER, department=None, redirect_uris=["https://market.example/back"])
    assert (await credentials(system, ANOTHER)).json()["error"] == "unauthorized_client"


async def test_a_registration_made_over_a_built_in_client_counts_for_refreshing_too(system: Provider) -> None:
    token = (await system.tokens(WANG.citizen_id))["refresh_token"]
    await system.put_client("tongban-demo", kind="confidential", secret=SECRET, scopes=["identity.self"])
    assert (await refresh(system, token)).json()["error"] == "invalid_client"
    assert (await refresh(system, token, client_secret=ANOTHER)).json()["error"] == "invalid_client"
    answer = await refresh(system, token, client_secret=SECRET)
    assert (answer.status_code, answer.json()["scope"]) == (200, "identity.self openid")


async def test_attack_of_many_refreshes_at_once_one_is_answered_and_the_sign_in_ends(system: Provider) -> None:
    token = (await system.tokens(WANG.citizen_id))["refresh_token"]
    answers = await asyncio.gather(*(refresh(system, token, **form) for form in ({}, {}, UNUSUAL, UNUSUAL)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    [good] = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await refresh(system, good["refresh_token"])).json()["error"] == "invalid_grant"


async def test_attack_a_wrong_secret_does_not_use_a_refresh_token_up(system: Provider) -> None:
    token = (await system.tokens(WANG.citizen_id))["refresh_token"]
    for form in ({"client_secret": SECRET}, {"client_id": "market", "client_secret": SECRET}, {"client_id": ""}, {"client_id": "\x00"}):
        assert (await refresh(system, token, **form)).status_code in (400, 401)
    assert (await refresh(system, token)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type", b"grant_type=a&grant_type=b", b"grant_type=%00", b"scope=%E7%8E%8B", b"scope=%ff", "scope=王".encode(), b"scope=a%0Ab",
        b"other=1", b"client_id=" + b"x" * 65, b"scope=" + b"x" * 5000, b"&&", b"=",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_ordinary_way(body: bytes) -> None:
    assert plain_form(body) is None


def test_a_plain_form_is_read_as_a_browser_writes_it() -> None:
    assert plain_form(b"grant_type=client_credentials&scope=a+b%20c&client_id=") == {
        "grant_type": "client_credentials", "scope": "a b c", "client_id": "",
    }  # fmt: skip
