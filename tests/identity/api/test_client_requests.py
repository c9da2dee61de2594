"""A department's system becomes a client when another administrator says so; its secret is told once."""

from typing import Any

import httpx
import pytest

from tests.identity.client_keys import new_key, public_set
from tests.identity.officials import CITY, DISTRICT, OTHER, Officials

READS_KEYS = ("service", "identity.read.client-keys")
ASKED = {
    "client_id": "sys-district",
    "name": "区局业务系统",
    "department": DISTRICT,
    "scopes": ["certificates.supply"],
    "purpose": "归集证照",
}


async def ask(officials: Officials, headers: dict[str, str], **change: Any) -> httpx.Response:
    return await officials.http.post("/client-requests", json={**ASKED, **change}, headers=headers)


async def decide(officials: Officials, headers: dict[str, str], request: dict[str, Any], what: str = "approve") -> httpx.Response:
    body = {"json": {"reason": "材料不全"}} if what == "refuse" else {}
    path = f"/client-requests/{request['id']}/{what}"
    return await officials.http.post(path, headers={**headers, "If-Match": f'"{request["version"]}"'}, **body)  # type: ignore[arg-type]


async def test_an_approved_system_gets_tokens_with_the_secret_told_once(officials: Officials) -> None:
    await officials.appoint("city-admin", CITY, posts=["administrator"], region="511600000000")
    asked = await ask(officials, await officials.headers("admin"))
    assert (asked.status_code, asked.json()["state"]) == (201, "requested"), asked.text
    above = await officials.headers("city-admin")
    approved = await decide(officials, above, asked.json())
    assert (approved.status_code, approved.json()["state"]) == (200, "approved"), approved.text
    secret = approved.json()["secret"]
    tokens = await officials.provider.token(("sys-district", secret), grant_type="client_credentials")
    assert tokens.json()["scope"] == "certificates.supply"
    assert officials.provider.claims(tokens.json()["access_token"])["department"] == DISTRICT
    seen = await officials.http.get(f"/client-requests/{asked.json()['id']}", headers=above)
    assert secret not in seen.text
    changes = await officials.http.get("/administrative-changes", params={"record_kind": "client"}, headers=above)
    assert [one["action"] for one in changes.json()["data"]] == ["approved", "requested"] and secret not in changes.text
    assert (await decide(officials, above, seen.json())).json()["type"] == "urn:tongban:problem:request-decided"


async def test_a_system_that_asks_for_keys_signatures_and_a_quota_is_approved_with_them(officials: Officials) -> None:
    asked = {"jwks": public_set(new_key("k1")), "signs_requests": True, "request_quota": 500}
    made = await ask(officials, await officials.headers("admin"), **asked)
    assert made.status_code == 201, made.text
    approved = await decide(officials, officials.provider.admin, made.json())
    assert (approved.status_code, approved.json()["secret"]) == (200, None), approved.text
    shown = (await officials.http.get(f"/client-requests/{made.json()['id']}", headers=officials.provider.admin)).json()
    assert {name: shown[name] for name in asked} == asked
    keys = await officials.http.get("/clients/sys-district/request-keys", headers=officials.provider.service.as_(*READS_KEYS))
    assert [key["kid"] for key in keys.json()["keys"]] == ["k1"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"signs_requests": True}, "/signs_requests"), ({"request_quota": 0}, "/request_quota"), ({"jwks": {"keys": []}}, "/jwks")],
)
async def test_a_request_for_what_makes_no_sense_is_refused_when_asked(officials: Officials, change: dict[str, Any], pointer: str) -> None:
    refused = await ask(officials, await officials.headers("admin"), **change)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_nobody_approves_their_own_request(officials: Officials) -> None:
    admin = await officials.headers("admin")
    asked = (await ask(officials, admin)).json()
    refused = await decide(officials, admin, asked)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:tongban:problem:own-request")
    assert (await decide(officials, officials.provider.admin, asked)).status_code == 200


async def test_a_refused_request_says_why_and_may_be_made_again(officials: Officials) -> None:
    admin = await officials.headers("admin")
    asked = (await ask(officials, admin)).json()
    assert (await ask(officials, admin)).status_code == 409
    refused = await decide(officials, officials.provider.admin, asked, "refuse")
    assert (refused.json()["state"], refused.json()["decision_reason"]) == ("refused", "材料不全")
    again = await ask(officials, admin)
    assert again.status_code == 201
    listed = (await officials.http.get("/client-requests", params={"state": "requested"}, headers=admin)).json()["data"]
    assert [one["id"] for one in listed] == [again.json()["id"]]


async def test_administrators_elsewhere_neither_ask_nor_see_nor_decide(officials: Officials) -> None:
    await officials.appoint("other-admin", OTHER, posts=["administrator"], region="511603000000")
    elsewhere = await officials.headers("other-admin")
    assert (await ask(officials, elsewhere)).status_code == 403
    asked = (await ask(officials, await officials.headers("admin"))).json()
    assert (await officials.http.get(f"/client-requests/{asked['id']}", headers=elsewhere)).status_code == 404
    assert (await officials.http.get("/client-requests", headers=elsewhere)).json()["data"] == []
    assert (await decide(officials, elsewhere, asked)).status_code == 404
    assert (await ask(officials, await officials.headers("chief"))).status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"client_id": "svc-intake"}, "path:client_id"),
        ({"scopes": ["identity.admin"]}, "/scopes/0"),
        ({"scopes": ["identity.staff.admin"]}, "/scopes"),
        ({"redirect_uris": ["http://example.cn/"]}, "/redirect_uris/0"),
        ({"purpose": "x"}, "/purpose"),
    ],
)
async def test_what_no_system_may_have_is_refused_when_asked(officials: Officials, change: dict[str, Any], pointer: str) -> None:
    refused = await ask(officials, await officials.headers("admin"), **change)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text


async def test_a_request_never_replaces_a_client_that_is_there(officials: Officials) -> None:
    admin = await officials.headers("admin")
    body = {"name": "旧", "kind": "confidential", "department": CITY, "scopes": [], "secret": "s" * 43}
    asked = (await ask(officials, admin)).json()
    await officials.http.put("/clients/sys-district", json=body, headers=officials.provider.admin)
    assert (await ask(officials, admin)).status_code == 409
    assert (await decide(officials, officials.provider.admin, asked)).status_code == 409
    assert (await officials.provider.token(("sys-district", "s" * 43), grant_type="client_credentials")).status_code == 200
