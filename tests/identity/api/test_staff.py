"""Keeping departments and staff: within one's own tree, one after the other, and with effect on the next request."""

from datetime import timedelta
from typing import Any

import pytest

from tests.identity.officials import CITY, DISTRICT, OTHER, TOWN, Officials

OFFICE = {"name": "新人", "department": DISTRICT, "region": "511602000000", "posts": ["reviewer"], "grade": 1}


async def changes(officials: Officials, **query: str) -> list[dict[str, Any]]:
    answer = await officials.http.get("/administrative-changes", params=query, headers=officials.provider.admin)
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_an_administrator_keeps_their_department_and_those_below_and_no_other(officials: Officials) -> None:
    admin = await officials.headers("admin")
    for department, region, status in (
        (DISTRICT, "511602000000", 201),
        (TOWN, "511602100000", 201),
        (CITY, "511602000000", 403),
        (OTHER, "511602000000", 403),
        (DISTRICT, "511600000000", 403),
    ):
        body = {**OFFICE, "department": department, "region": region}
        answer = await officials.http.put(f"/staff/new-{department[8:14].lower()}-{region}", json=body, headers=admin)
        assert answer.status_code == status, answer.text
    assert [one["login"] for one in (await officials.http.get("/staff", headers=admin)).json()["data"]] == [
        "admin", "chief", "deputy", f"new-{DISTRICT[8:14].lower()}-511602000000", f"new-{TOWN[8:14].lower()}-511602100000",
    ]  # fmt: skip
    assert (await officials.http.get("/staff/stranger", headers=admin)).status_code == 404
    assert (await officials.http.get("/staff/chief", headers=admin)).json()["department"] == DISTRICT


async def test_an_administrator_cannot_take_over_a_member_of_another_department(officials: Officials) -> None:
    admin = await officials.headers("admin")
    answer = await officials.http.put("/staff/stranger", json=OFFICE, headers={**admin, "If-Match": '"1"'})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tongban:problem:out-of-reach")
    for path in ("leave", "password-reset"):
        assert (await officials.http.post(f"/staff/stranger/{path}", headers={**admin, "If-Match": '"1"'})).status_code == 404


async def test_an_administrator_cannot_choose_a_members_password_and_act_as_them(officials: Officials) -> None:
    admin = {**await officials.headers("admin"), "If-Match": '"1"'}
    body = {**OFFICE, "name": "官deputy", "password": "known to the administrator"}
    refused = await officials.http.put("/staff/deputy", json=body, headers=admin)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/password")
    assert (await officials.provider.submit_sign_in("deputy")).status_code == 303


async def test_an_administrator_cannot_give_themselves_a_post(officials: Officials) -> None:
    admin = {**await officials.headers("admin"), "If-Match": '"1"'}
    answer = await officials.http.put("/staff/admin", json={**OFFICE, "posts": ["administrator", "decider"]}, headers=admin)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tongban:problem:own-record")
    assert (await officials.http.post("/staff/admin/leave", headers=admin)).status_code == 403


async def test_of_two_administrators_who_change_one_member_the_second_learns_it(officials: Officials) -> None:
    admin = await officials.headers("admin")
    seen = (await officials.http.get("/staff/deputy", headers=admin)).headers["etag"]
    body = {**OFFICE, "name": "官deputy"}
    assert (await officials.http.put("/staff/deputy", json=body, headers=admin)).status_code == 428
    first = await officials.http.put("/staff/deputy", json={**body, "grade": 2}, headers={**admin, "If-Match": seen})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = await officials.http.put("/staff/deputy", json={**body, "grade": 3}, headers={**admin, "If-Match": seen})
    assert second.status_code == 412
    assert (await officials.http.get("/staff/deputy", headers=admin)).json()["grade"] == 2


async def test_entering_the_same_again_changes_counts_and_tells_nothing(officials: Officials) -> None:
    before = await officials.provider.service.emitted()
    again = await officials.appoint("chief", posts=["decider"], grade=2)
    assert again["version"] == 1
    body = {"name": "区局", "region": "511602000000", "parent": CITY}
    answer = await officials.http.put(f"/departments/{DISTRICT}", json=body, headers=officials.provider.admin)
    assert answer.json()["version"] == 1
    assert await officials.provider.service.emitted() == before


async def test_departments_never_hang_below_themselves(officials: Officials) -> None:
    for parent, reason in ((CITY, "circle"), (TOWN, "circle"), ("911100007178306183", "unknown")):
        body = {"name": "市局", "region": "511600000000", "parent": parent}
        answer = await officials.http.put(f"/departments/{CITY}", json=body, headers=officials.provider.admin)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, reason), answer.text
    admin = {**await officials.headers("admin"), "If-Match": '"1"'}
    move = {"name": "镇所", "region": "511602100000", "parent": OTHER}
    assert (await officials.http.put(f"/departments/{TOWN}", json=move, headers=admin)).status_code == 403
    assert (await officials.http.put(f"/departments/{TOWN}", json={**move, "parent": None}, headers=admin)).status_code == 422


async def test_who_leaves_ends_everywhere_at_once_and_may_return(officials: Officials) -> None:
    chief, admin = await officials.provider.tokens("chief"), await officials.headers("admin")
    headers = {"Authorization": f"Bearer {chief['access_token']}"}
    assert (await officials.http.get("/me", headers=headers)).status_code == 200
    left = await officials.http.post("/staff/chief/leave", headers={**admin, "If-Match": '"1"'})
    assert (left.status_code, left.json()["left_at"] is not None) == (200, True), left.text
    refused = await officials.http.get("/me", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:tongban:problem:authority-changed")
    refresh = await officials.provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=chief["refresh_token"])
    assert refresh.json()["error"] == "invalid_grant"
    assert (await officials.provider.submit_sign_in("chief")).status_code == 401
    assert (await officials.provider.put_staff("chief", department=DISTRICT)).status_code == 409
    again = await officials.http.post("/staff/chief/return", headers={**admin, "If-Match": left.headers["etag"]})
    assert again.json()["left_at"] is None
    assert (await officials.http.get("/me", headers=headers)).status_code == 401
    assert (await officials.http.get("/me", headers=await officials.headers("chief"))).status_code == 200


async def test_a_code_issued_before_somebody_left_is_worth_nothing(officials: Officials) -> None:
    code = await officials.provider.code("chief")
    admin = await officials.headers("admin")
    await officials.http.post("/staff/chief/leave", headers={**admin, "If-Match": '"1"'})
    assert (await officials.provider.redeem(code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("change", [{"posts": ["decider", "reviewer"]}, {"region": "511602100000"}, {"grade": 1}, {"item_codes": ["x"]}])
async def test_a_changed_office_refuses_the_very_next_request_and_a_refreshed_token_has_it(
    officials: Officials, change: dict[str, Any]
) -> None:
    tokens = await officials.provider.tokens("chief")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await officials.http.get("/authority", headers=headers)).status_code == 200
    await officials.appoint("chief", **{"posts": ["decider"], "grade": 2, **change})
    answer = await officials.http.get("/authority", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="tongban", error="invalid_token"')
    refreshed = await officials.provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=tokens["refresh_token"])
    headers = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
    assert (await officials.http.get("/authority", headers=headers)).status_code == 200


async def test_a_new_password_is_chosen_with_a_secret_that_works_once_for_a_day(officials: Officials) -> None:
    deputy = await officials.headers("deputy")
    admin = await officials.headers("admin")
    made = (await officials.http.post("/staff/deputy/password-reset", headers=admin)).json()
    assert (await officials.provider.submit_sign_in("deputy")).status_code == 401
    assert (await officials.http.get("/me", headers=deputy)).status_code == 401
    body = {"secret": made["secret"], "password": "a new long password"}
    assert (await officials.http.post("/staff/chief/password", json=body)).status_code == 403
    assert (await officials.http.post("/staff/nobody/password", json=body)).status_code == 403
    assert (await officials.http.post("/staff/deputy/password", json=body)).status_code == 204
    assert (await officials.http.post("/staff/deputy/password", json=body)).status_code == 403
    assert (await officials.provider.submit_sign_in("deputy", "a new long password")).status_code == 303


async def test_a_secret_that_was_replaced_or_is_a_day_old_opens_nothing(officials: Officials) -> None:
    reset = "/staff/deputy/password-reset"
    first = (await officials.http.post(reset, headers=officials.provider.admin)).json()["secret"]
    second = (await officials.http.post(reset, headers=officials.provider.admin)).json()["secret"]
    body = {"password": "a new long password"}
    assert (await officials.http.post("/staff/deputy/password", json={**body, "secret": first})).status_code == 403
    officials.provider.service.clock.advance(timedelta(hours=24))
    assert (await officials.http.post("/staff/deputy/password", json={**body, "secret": second})).status_code == 403


async def test_events_carry_the_full_state(officials: Officials) -> None:
    emitted = officials.provider.service.emitted
    departments = await emitted("tongban.identity.department.changed.v1")
    assert [(one["uscc"], one["parent"], one["version"]) for one in departments][:2] == [(CITY, None, 1), (DISTRICT, CITY, 1)]
    chief = next(one for one in await emitted("tongban.identity.staff.changed.v1") if one["login"] == "chief")
    assert (chief["posts"], chief["grade"], chief["item_codes"], chief["version"]) == (["decider"], 2, None, 1)
    assert "password" not in str(chief)


async def test_every_change_is_kept_with_who_what_before_and_after_and_no_secret(officials: Officials) -> None:
    admin = await officials.headers("admin")
    member = (await officials.http.get("/staff/admin", headers=admin)).json()
    body = {**OFFICE, "name": "官deputy", "grade": 2}
    await officials.http.put("/staff/deputy", json=body, headers={**admin, "If-Match": '"1"'})
    await officials.http.post("/staff/deputy/password-reset", headers=admin)
    reset, changed, entered = await changes(officials, record_kind="staff", record="deputy")
    assert (entered["action"], entered["before"], entered["changed_by_kind"]) == ("entered", None, "service")
    assert (changed["action"], changed["before"]["grade"], changed["after"]["grade"]) == ("changed", 1, 2)
    assert (changed["changed_by"], changed["changed_by_name"]) == (member["id"], member["name"])
    assert (reset["action"], reset["before"], reset["after"]) == ("password reset", None, None)
    assert "hash" not in str([reset, changed, entered]) and "secret" not in str([reset, changed, entered])


async def test_an_administrator_sees_the_changes_of_the_departments_they_keep_only(officials: Officials) -> None:
    seen = (await officials.http.get("/administrative-changes", headers=await officials.headers("admin"))).json()["data"]
    assert {one["department"] for one in seen} == {DISTRICT, TOWN}
    everything = await changes(officials)
    assert {one["department"] for one in everything} == {CITY, DISTRICT, TOWN, OTHER}
    page = await officials.http.get("/administrative-changes", params={"limit": 3}, headers=officials.provider.admin)
    rest = {"limit": 200, "cursor": page.json()["next_cursor"]}
    following = await officials.http.get("/administrative-changes", params=rest, headers=officials.provider.admin)
    assert [*page.json()["data"], *following.json()["data"]] == everything
