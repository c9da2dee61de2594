"""A service that keeps a copy from the events has what identity has; one that comes late has it told again."""

from typing import Any

import httpx
import pytest

from services.identity.commands import restate as command
from tests.identity.officials import Officials
from tests.identity.provider import LI, NOODLES, WANG, Provider, bearer

KEYS = {
    "person": "person_id", "organisation": "organisation_id", "department": "uscc", "staff": "staff_id", "delegation": "delegation_id",
    "mandate": "mandate_id",
}  # fmt: skip


def copies(events: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """What a reader keeps: by kind and key the last that was told. Events that tell of something else than a state are no copy."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        kind = event["type"].split(".")[2]
        if kind == "person" and event["type"].endswith("verified.v1"):
            kept[kind, event["person_id"]] |= {"assurance": event["assurance"]}
        elif "is_restated" in event:
            is_over = event["type"].split(".")[3] in ("left", "revoked", "ended")
            kept[kind, event[KEYS[kind]]] = {
                **{name: value for name, value in event.items() if name not in ("is_restated", "type")}, "is_over": is_over,
            }  # fmt: skip
    return kept


async def tell_again(provider: Provider, kind: str, after: str | None = None) -> httpx.Response:
    return await provider.http.post("/restatements", json={"kind": kind, "after": after}, headers=provider.admin)


async def told_again(provider: Provider, kind: str) -> int:
    total, after = 0, None
    while True:
        answer = await tell_again(provider, kind, after)
        assert answer.status_code == 200, answer.text
        total += int(answer.json()["count"])
        after = answer.json()["next"]
        if after is None:
            return total


@pytest.fixture
async def busy(officials: Officials) -> Provider:
    """A city in which something of every kind has happened, and ended."""
    provider = officials.provider
    provider.follow_keys()
    await provider.sign_up()
    li = (await provider.sign_up(LI, phone="13900000002")).json()
    wang = bearer((await provider.tokens(WANG.citizen_id))["access_token"])
    await provider.http.post("/me/verifications", json={"bank_card": "6228480000000000018"}, headers=wang)
    await provider.http.post("/organisations", json={"name": NOODLES.name, "uscc": NOODLES.uscc}, headers=wang)
    chief = await officials.headers("chief")
    given = [(await officials.delegate(chief)).json() for _ in range(2)]
    await officials.revoke(chief, given[0])
    left = (await provider.http.get("/staff/stranger", headers=provider.admin)).json()
    await provider.http.post("/staff/stranger/leave", headers={**provider.admin, "If-Match": f'"{left["version"]}"'})
    for items in (["a"], ["b"]):
        body = {
            "kind": "agent",
            "agent": {"name": LI.name, "citizen_id": LI.citizen_id},
            "scopes": ["intake.apply"],
            "items": items,
            "ends_at": "2026-12-30T16:00:00Z",
        }
        answer = await provider.http.post("/me/mandates", json=body, headers=wang)
        assert answer.status_code == 201, answer.text
    ended = {**wang, "If-Match": '"1"'}
    await provider.http.post(f"/me/mandates/{answer.json()['id']}/end", headers=ended)
    assert li["assurance"] == 2
    return provider


async def test_who_reads_only_what_is_told_again_has_what_who_read_everything_has(busy: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    from_the_start = copies(await busy.service.emitted())
    assert {kind for kind, _ in from_the_start} == set(KEYS)
    assert {kind for (kind, _), copy in from_the_start.items() if copy["is_over"]} == {"staff", "delegation", "mandate"}
    before = len(await busy.service.emitted())
    monkeypatch.setattr(command, "AT_ONCE", 2)
    counts = {kind: await told_again(busy, kind) for kind in KEYS}
    again = (await busy.service.emitted())[before:]
    assert all(event["is_restated"] for event in again)
    assert copies(again) == from_the_start
    assert counts == {kind: sum(one == kind for one, _ in from_the_start) for kind in KEYS}


async def test_telling_again_is_the_operators_and_takes_keys_it_has_given(provider: Provider) -> None:
    staff = provider.service.as_("staff", "identity.staff.admin", department="x", region="1", posts=["administrator"])
    assert (await provider.http.post("/restatements", json={"kind": "staff"}, headers=staff)).status_code == 403
    wrong = await tell_again(provider, "staff", "nonsense")
    assert [(error["pointer"], error["code"]) for error in wrong.json()["errors"]] == [("/after", "unknown")]
    assert (await tell_again(provider, "everything")).status_code == 422
    assert (await tell_again(provider, "department", "zzz")).json() == {"count": 0, "next": None}
    assert await provider.service.emitted() == []
