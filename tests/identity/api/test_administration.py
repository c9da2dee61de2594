"""Departments, staff and clients, kept by the operator; and who else may not."""

from typing import Any

import pytest

from standards.uscc import make_uscc
from tests.identity.provider import CALLBACK, DEPARTMENT, Provider, bearer, request_parameters

CLIENT = {"name": "审批桌面", "kind": "public", "redirect_uris": ["https://desk.example.cn/back"], "scopes": ["approval.work"]}


async def test_a_department_is_new_once_and_listed_by_code_page_by_page(provider: Provider) -> None:
    codes = sorted(make_uscc("11", "511602", f"MB00000{n}") for n in range(5))
    for code in codes:
        answer = await provider.http.put(f"/departments/{code}", json={"name": "部门", "region": "511602"}, headers=provider.admin)
        assert answer.status_code == 201
    again = await provider.http.put(
        f"/departments/{codes[0].lower()}", json={"name": "新名", "name_en": "New", "region": "511602"}, headers=provider.admin
    )
    assert again.status_code == 200
    listed: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = (await provider.http.get("/departments", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        listed += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [d["uscc"] for d in listed] == codes
    assert (listed[0]["name"], listed[0]["name_en"]) == ("新名", "New")


async def test_a_code_that_is_none_is_refused(provider: Provider) -> None:
    answer = await provider.http.put("/departments/11511602MB00000000", json={"name": "x", "region": "511602"}, headers=provider.admin)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "path:uscc"


async def test_staff_belong_to_a_department_that_exists(provider: Provider) -> None:
    answer = await provider.put_staff()
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/department")
    await provider.put_department()
    assert (await provider.put_staff()).status_code == 201
    assert (await provider.put_staff()).status_code == 200


async def test_staff_without_a_password_cannot_sign_in_yet(provider: Provider) -> None:
    await provider.put_department()
    await provider.put_staff(password=None)
    assert (await provider.submit_sign_in("clerk.zhao", "")).status_code == 401
    await provider.put_staff()
    assert (await provider.submit_sign_in("clerk.zhao")).status_code == 303


async def test_staff_see_themselves(provider: Provider) -> None:
    await provider.put_department()
    staff = (await provider.put_staff(posts=["window", "reviewer"])).json()
    me = (await provider.http.get("/me", headers=bearer((await provider.tokens("clerk.zhao"))["access_token"]))).json()
    assert (me["id"], me["kind"], me["department"], me["posts"]) == (staff["id"], "staff", DEPARTMENT, ["window", "reviewer"])


async def test_a_registered_client_signs_people_in_with_no_more_scopes_than_its_own(provider: Provider) -> None:
    body = {**CLIENT, "redirect_uris": [CALLBACK.replace(":53219", "")]}
    assert (await provider.http.put("/clients/desk", json=body, headers=provider.admin)).status_code == 201
    await provider.put_department()
    await provider.put_staff(posts=["window", "decider"])
    code = await provider.code("clerk.zhao", client_id="desk")
    answer = await provider.redeem(code, client_id="desk")
    assert answer.json()["scope"] == "approval.work openid"


async def test_a_confidential_client_needs_its_secret_to_redeem_a_code(provider: Provider) -> None:
    body = {**CLIENT, "kind": "confidential", "redirect_uris": [CALLBACK], "secret": "s" * 43}
    await provider.http.put("/clients/desk", json=body, headers=provider.admin)
    await provider.put_department()
    await provider.put_staff(posts=["decider"])
    code = await provider.code("clerk.zhao", client_id="desk")
    assert (await provider.redeem(code, client_id="desk")).status_code == 401
    assert (await provider.redeem(code, client_id="desk", client_secret="s" * 43)).status_code == 200


@pytest.mark.parametrize(
    ("client_id", "change", "pointers"),
    [
        ("svc-intake", {}, ["path:client_id"]),
        ("desk", {"redirect_uris": []}, ["/redirect_uris"]),
        ("desk", {"redirect_uris": ["https://a.cn/b", "http://a.cn/b", "a"]}, ["/redirect_uris/1", "/redirect_uris/2"]),
        ("desk", {"scopes": ["approval.work", "made.up", "identity.admin"]}, ["/scopes/1", "/scopes/2"]),
        ("desk", {"secret": "s" * 43}, ["/kind"]),
        ("desk", {"department": DEPARTMENT}, ["/kind"]),
        ("desk", {"kind": "confidential", "department": DEPARTMENT}, ["/department"]),
    ],
)
async def test_everything_wrong_with_a_client_is_said_at_once(
    provider: Provider, client_id: str, change: dict[str, Any], pointers: list[str]
) -> None:
    answer = await provider.http.put(f"/clients/{client_id}", json={**CLIENT, **change}, headers=provider.admin)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == pointers


async def test_only_the_operator_administers(provider: Provider) -> None:
    attempts = [
        (None, 401),
        (provider.service.as_("person", "identity.admin"), 403),
        (provider.service.as_("staff", "identity.admin"), 403),
        (provider.service.as_("service", "catalog.admin"), 403),
    ]
    for headers, status in attempts:
        for path, body in [
            (f"/departments/{DEPARTMENT}", {"name": "x", "region": "511602"}),
            ("/staff/somebody", {"name": "x", "department": DEPARTMENT, "region": "511602", "posts": [], "grade": 0}),
            ("/clients/desk", CLIENT),
        ]:
            answer = await provider.http.put(path, json=body, headers=headers)
            assert answer.status_code == status, (path, answer.text)
    assert (await provider.http.get("/departments")).json()["data"] == []
    assert (await provider.http.get("/authorize", params=request_parameters(client_id="desk"))).status_code == 400
