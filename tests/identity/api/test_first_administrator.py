"""The first administrator comes in by a one-time secret, once; after that nobody does."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.identity.officials import CITY
from tests.identity.provider import PASSWORD, Provider, bearer

INVITATION = "/first-administrator/invitation"


async def invited(provider: Provider) -> str:
    answer = await provider.http.post(INVITATION, headers=provider.admin)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


async def come(provider: Provider, secret: str, **change: Any) -> httpx.Response:
    department = {"uscc": CITY, "name": "市行政审批局", "region": "511600000000"}
    body = {"secret": secret, "login": "first.admin", "name": "甲", "password": PASSWORD, "department": department, **change}
    return await provider.http.post("/first-administrator", json=body)


async def test_the_first_administrator_signs_in_and_appoints_the_next(provider: Provider) -> None:
    answer = await come(provider, await invited(provider))
    assert answer.status_code == 201, answer.text
    tokens = await provider.tokens("first.admin")
    assert "identity.staff.admin" in tokens["scope"]
    headers = bearer(tokens["access_token"])
    body = {"name": "乙", "department": CITY, "region": "511602000000", "posts": ["administrator"], "grade": 0}
    assert (await provider.http.put("/staff/second.admin", json=body, headers=headers)).status_code == 201
    changes = (await provider.http.get("/administrative-changes", headers=headers)).json()["data"]
    second, member, department = changes
    assert [one["record"] for one in (department, member, second)] == [CITY, "first.admin", "second.admin"]
    assert (member["changed_by_kind"], second["changed_by_name"]) == ("service", "甲")


async def test_once_there_is_an_administrator_no_other_is_first(provider: Provider) -> None:
    early = await invited(provider)
    assert (await come(provider, early)).status_code == 201
    refused = await provider.http.post(INVITATION, headers=provider.admin)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tongban:problem:administrator-exists")
    assert (await come(provider, early, login="other")).status_code == 409


async def test_of_many_who_bring_the_secret_at_once_one_becomes_first(provider: Provider) -> None:
    secret = await invited(provider)
    answers = await asyncio.gather(*(come(provider, secret, login=f"admin{n}") for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_a_made_up_replaced_or_day_old_secret_opens_nothing(provider: Provider) -> None:
    first, second = await invited(provider), await invited(provider)
    for secret in ("x" * 43, first):
        refused = await come(provider, secret)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:tongban:problem:secret-refused")
    provider.service.clock.advance(timedelta(hours=24))
    assert (await come(provider, second)).status_code == 403
    assert (await provider.http.get("/departments")).json()["data"] == []


async def test_a_secret_for_a_password_is_none_for_the_first_place(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff()
    secret = (await provider.http.post("/staff/clerk.zhao/password-reset", headers=provider.admin)).json()["secret"]
    assert (await come(provider, secret)).status_code == 403


async def test_only_the_operator_invites(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff(posts=["administrator"])
    staff = bearer((await provider.tokens("clerk.zhao"))["access_token"])
    for headers, status in ((None, 401), (provider.service.as_("person", "identity.admin"), 403), (staff, 403)):
        assert (await provider.http.post(INVITATION, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "short"}, "/password"),
        ({"login": "Not A Login"}, "/login"),
        ({"department": {"uscc": "1151160000000000XX", "name": "x", "region": "51"}}, "/department/uscc"),
    ],
)
async def test_what_is_wrong_is_said_and_the_secret_stays_good(provider: Provider, change: dict[str, Any], pointer: str) -> None:
    secret = await invited(provider)
    refused = await come(provider, secret, **change)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await come(provider, secret)).status_code == 201
