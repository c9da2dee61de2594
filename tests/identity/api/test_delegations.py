"""Delegations: nobody hands on more than they have or what was handed to them; one taken back is gone for the next request."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.identity.officials import DISTRICT, OTHER, Officials


async def posts_of(officials: Officials, headers: dict[str, str]) -> dict[str, int]:
    """Effective posts with their grade, as `/authority` tells."""
    answer = await officials.http.get("/authority", headers=headers)
    assert answer.status_code == 200, answer.text
    return {grant["post"]: grant["grade"] for grant in answer.json()["grants"]}


async def test_leave_cover_counts_for_its_days_and_opens_the_scopes_of_its_post(officials: Officials) -> None:
    await officials.appoint("deputy", posts=[], grade=0)
    deputy = await officials.provider.tokens("deputy")
    assert "approval.work" not in deputy["scope"]
    given = await officials.delegate(await officials.headers("chief"), valid_from="2026-09-22")
    assert given.status_code == 201, given.text
    assert (given.json()["department"], given.json()["reason"]) == (DISTRICT, "leave")
    assert await posts_of(officials, await officials.headers("deputy")) == {}
    officials.provider.service.clock.advance(timedelta(days=1))
    tokens = await officials.provider.tokens("deputy")
    assert "approval.work" in tokens["scope"]
    assert officials.provider.claims(tokens["access_token"])["posts"] == []
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert await posts_of(officials, headers) == {"decider": 2}
    officials.provider.service.clock.advance(timedelta(days=4))
    assert await posts_of(officials, await officials.headers("deputy")) == {}


async def test_a_delegation_that_ended_by_its_date_is_gone_for_the_next_request(officials: Officials) -> None:
    officials.provider.service.clock.advance(timedelta(hours=14, minutes=50))  # 23:50 in the city
    await officials.delegate(await officials.headers("chief"), valid_until="2026-09-21")
    deputy = await officials.headers("deputy")
    assert (await officials.http.get("/authority", headers=deputy)).status_code == 200
    officials.provider.service.clock.advance(timedelta(minutes=10))
    assert (await officials.http.get("/authority", headers=deputy)).status_code == 401


@pytest.mark.parametrize("who", ["chief", "deputy", "admin"])
async def test_a_delegation_revoked_by_a_party_or_administrator_stops_the_very_next_request(officials: Officials, who: str) -> None:
    given = (await officials.delegate(await officials.headers("chief"))).json()
    deputy = await officials.headers("deputy")
    assert await posts_of(officials, deputy) == {"reviewer": 1, "decider": 2}
    revoked = await officials.revoke(await officials.headers(who), given)
    assert (revoked.status_code, revoked.json()["revocation_reason"]) == (200, "回岗"), revoked.text
    answer = await officials.http.get("/authority", headers=deputy)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:authority-changed")
    assert await posts_of(officials, await officials.headers("deputy")) == {"reviewer": 1}
    again = await officials.revoke(await officials.headers(who), revoked.json())
    assert (again.status_code, again.json()["type"]) == (409, "urn:tongban:problem:delegation-ended")


async def test_strangers_neither_see_nor_end_a_delegation(officials: Officials) -> None:
    given = (await officials.delegate(await officials.headers("chief"))).json()
    await officials.appoint("other-admin", OTHER, posts=["administrator"], region="511603000000")
    for login in ("stranger", "other-admin"):
        headers = await officials.headers(login)
        assert (await officials.http.get(f"/delegations/{given['id']}", headers=headers)).status_code == 404
        assert (await officials.revoke(headers, given)).status_code == 404
        assert (await officials.http.get("/delegations", headers=headers)).json()["data"] == []
    assert await posts_of(officials, await officials.headers("deputy")) == {"reviewer": 1, "decider": 2}


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"posts": ["decider", "reviewer"]}, [("/posts", "beyond-own-authority")]),
        ({"region": "511600000000"}, [("/region", "beyond-own-authority")]),
        ({"grade": 3}, [("/grade", "beyond-own-authority")]),
        ({"valid_from": "2026-09-20"}, [("/valid_from", "past")]),
        ({"valid_until": "2026-09-20"}, [("/valid_until", "before-start")]),
        ({"valid_until": "2027-09-22"}, [("/valid_until", "too-long")]),
        ({"region": "51", "grade": 3}, [("/region", "beyond-own-authority"), ("/grade", "beyond-own-authority")]),
        ({"delegate": "chief"}, [("/delegate", "unknown")]),
        ({"delegate": "nobody"}, [("/delegate", "unknown")]),
    ],
)
async def test_everything_that_goes_beyond_ones_own_authority_is_named_and_nothing_is_given(
    officials: Officials, change: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answer = await officials.delegate(await officials.headers("chief"), **change)
    assert answer.status_code == 422, answer.text
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == faults
    assert await officials.provider.service.emitted("tongban.identity.delegation.granted.v1") == []


async def test_items_are_handed_on_only_as_far_as_ones_own_reach(officials: Officials) -> None:
    await officials.appoint("chief", posts=["decider"], grade=2, item_codes=["x", "y"])
    chief = await officials.headers("chief")
    assert (await officials.delegate(chief)).json()["errors"][0]["pointer"] == "/items"
    assert (await officials.delegate(chief, item_codes=["x", "z"])).status_code == 422
    assert (await officials.delegate(chief, item_codes=["x"])).status_code == 201
    answer = await officials.http.get("/authority", headers=await officials.headers("deputy"))
    assert [grant["items"] for grant in answer.json()["grants"] if grant["post"] == "decider"] == [["x"]]


async def test_what_was_delegated_cannot_be_handed_on(officials: Officials) -> None:
    await officials.delegate(await officials.headers("chief"))
    answer = await officials.delegate(await officials.headers("deputy"), delegate="stranger", grade=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/posts")


async def test_the_administrators_post_cannot_be_delegated(officials: Officials) -> None:
    answer = await officials.delegate(await officials.headers("admin"), posts=["administrator"], grade=0)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not-delegable")


async def test_a_delegation_takes_its_delegators_own_password(officials: Officials) -> None:
    chief = await officials.headers("chief")
    for _ in range(8):
        answer = await officials.delegate(chief, password="not this one")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tongban:problem:not-confirmed")
    assert (await officials.delegate(chief)).status_code == 429
    assert await officials.provider.service.emitted("tongban.identity.delegation.granted.v1") == []


async def test_a_delegation_ends_when_either_party_leaves_and_shrinks_with_its_delegator(officials: Officials) -> None:
    await officials.delegate(await officials.headers("chief"))
    deputy = await officials.headers("deputy")
    await officials.appoint("chief", posts=["decider"], grade=1)
    assert (await officials.http.get("/authority", headers=deputy)).status_code == 401
    deputy = await officials.headers("deputy")
    assert await posts_of(officials, deputy) == {"reviewer": 1, "decider": 1}
    admin = await officials.headers("admin")
    assert (await officials.http.post("/staff/chief/leave", headers={**admin, "If-Match": '"2"'})).status_code == 200
    assert (await officials.http.get("/authority", headers=deputy)).status_code == 401
    (given,) = (await officials.http.get("/delegations", headers=await officials.headers("deputy"))).json()["data"]
    assert given["revoked_at"] is not None
    (event,) = await officials.provider.service.emitted("tongban.identity.delegation.revoked.v1")
    assert (event["delegation_id"], event["posts"]) == (given["id"], ["decider"])


async def test_of_two_revocations_at_once_one_counts(officials: Officials) -> None:
    chief = await officials.headers("chief")
    given = (await officials.delegate(chief)).json()
    answers = await asyncio.gather(*(officials.revoke(chief, given) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len(await officials.provider.service.emitted("tongban.identity.delegation.revoked.v1")) == 1


async def test_delegations_are_listed_newest_first_page_by_page(officials: Officials) -> None:
    chief = await officials.headers("chief")
    ids = [(await officials.delegate(chief, note=str(n))).json()["id"] for n in range(3)]
    first = (await officials.http.get("/delegations", params={"role": "given", "limit": 2}, headers=chief)).json()
    rest = {"role": "given", "cursor": first["next_cursor"]}
    second = (await officials.http.get("/delegations", params=rest, headers=chief)).json()
    assert [one["id"] for one in [*first["data"], *second["data"]]] == ids[::-1]
    of_member = await officials.http.get("/staff/deputy/delegations", headers=await officials.headers("admin"))
    assert [one["id"] for one in of_member.json()["data"]] == ids[::-1]
