"""One code: shown by a person, scanned once by a registered device, within a minute; copies and foreign devices get nothing."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4
import xml.etree.ElementTree as ET

import httpx
import pytest
from sqlalchemy import text

from services.identity.commands.forget_expired import forget_expired
from services.identity.rules.throttling import ONE_CODES_PER_PERSON, SCANS_PER_DEVICE
from standards.uscc import make_uscc
from tests.identity.provider import DEPARTMENT, FACE, LI, WANG, Provider, bearer

REPLAYED = "tongban.identity.person.one_code_replayed.v1"


class Hall:
    """Wang with a phone, a window's device with its clerk, a kiosk."""

    def __init__(self, provider: Provider, person_id: str, token: str, window: dict[str, Any], kiosk: dict[str, Any]) -> None:
        self.provider, self.person_id, self.token, self.window, self.kiosk = provider, person_id, token, window, kiosk
        self.clerk = self.clerk_of(DEPARTMENT)

    def clerk_of(self, department: str, *, scope: str = "identity.window") -> dict[str, str]:
        return self.provider.service.as_("staff", scope, department=department, region="511602000000", posts=["window"])

    async def code(self) -> str:
        answer = await self.provider.http.post("/me/one-code", headers=bearer(self.token))
        assert answer.status_code == 201, answer.text
        code: str = answer.json()["code"]
        return code

    async def scan(self, code: str, device: dict[str, Any] | None = None, *, headers: dict[str, str] | None = None) -> httpx.Response:
        device = device or self.window
        body = {"device_id": device["id"], "device_secret": device["secret"], "code": code}
        return await self.provider.http.post("/visits", json=body, headers=self.clerk if headers is None else headers)

    async def visit(self) -> dict[str, Any]:
        answer = await self.scan(await self.code())
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.provider.http.post(path, json=body, headers=self.clerk if headers is None else headers)


async def put_device(provider: Provider, code: str = "window-1", **change: Any) -> dict[str, Any]:
    body = {"name": "一号窗口", "kind": "window", "department": DEPARTMENT, "region": "511602000000", **change}
    answer = await provider.http.put(f"/devices/{code}", json=body, headers=provider.admin)
    assert answer.status_code in (200, 201), answer.text
    device: dict[str, Any] = answer.json()
    return device


@pytest.fixture
async def hall(provider: Provider) -> Hall:
    await provider.put_department()
    person = (await provider.sign_up()).json()
    token = (await provider.tokens(WANG.citizen_id))["access_token"]
    window, kiosk = await put_device(provider), await put_device(provider, "kiosk-1", kind="kiosk", name="一号自助机")
    return Hall(provider, person["id"], token, window, kiosk)


def assert_refused(answer: httpx.Response, reason: str) -> None:
    assert (answer.status_code, answer.json()["type"], answer.json()["reason"]) == (422, "urn:tongban:problem:one-code-refused", reason)


async def test_a_person_shows_a_code_and_the_window_knows_who_is_there(hall: Hall) -> None:
    answer = (await hall.provider.http.post("/me/one-code", headers=bearer(hall.token))).json()
    assert ET.fromstring(answer["svg"]).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
    visit = await hall.scan(answer["code"])
    assert visit.status_code == 201, visit.text
    assert (visit.json()["person_id"], visit.json()["name"], visit.json()["assurance"]) == (hall.person_id, WANG.name, 2)
    assert WANG.citizen_id not in visit.text
    read = await hall.provider.http.get(f"/visits/{visit.json()['id']}", headers=hall.clerk)
    assert read.json() == visit.json()


async def test_a_kiosk_needs_no_clerk(hall: Hall) -> None:
    assert (await hall.scan(await hall.code(), hall.kiosk, headers={})).status_code == 201


async def test_every_identification_and_reading_is_on_record(hall: Hall) -> None:
    visit = await hall.visit()
    await hall.provider.http.get(f"/visits/{visit['id']}", headers=hall.clerk)
    await hall.scan(await hall.code(), hall.kiosk, headers={})
    async with hall.provider.service.runtime.db.read() as tx:
        rows = await tx.all(text("SELECT reader, reader_kind, subject FROM personal_data_reads ORDER BY id"))
    assert [row["reader_kind"] for row in rows] == ["staff", "staff", "system"]
    assert rows[2]["reader"] == hall.kiosk["id"]
    assert {row["subject"] for row in rows} == {hall.person_id}


async def test_a_replayed_code_is_refused_and_reported(hall: Hall) -> None:
    code = await hall.code()
    await hall.scan(code)
    assert_refused(await hall.scan(code, hall.kiosk, headers={}), "replayed")
    [event] = await hall.provider.service.emitted(REPLAYED)
    assert (event["person_id"], event["first_device"], event["replayed_at_device"]) == (hall.person_id, hall.window["id"], hall.kiosk["id"])
    async with hall.provider.service.runtime.db.read() as tx:
        rows = await tx.rows(text("SELECT reason, device_id::text FROM one_code_refusals"))
        visits = await tx.scalar(text("SELECT count(*) FROM visits"))
    assert [tuple(row) for row in rows] == [("replayed", hall.kiosk["id"])]
    assert visits == 1


async def test_of_many_scans_of_one_code_at_once_one_succeeds(hall: Hall) -> None:
    code = await hall.code()
    answers = await asyncio.gather(*(hall.scan(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]


async def test_a_photographed_code_shown_late_is_expired_and_later_still_unknown(hall: Hall) -> None:
    code = await hall.code()
    hall.provider.service.clock.advance(timedelta(seconds=60))
    assert_refused(await hall.scan(code), "expired")
    hall.provider.service.clock.advance(timedelta(days=2))
    async with hall.provider.service.runtime.db.write() as tx:
        await forget_expired(tx)
    hall.clerk = hall.clerk_of(DEPARTMENT)
    assert_refused(await hall.scan(code), "unknown")


async def test_a_newer_code_makes_the_older_worthless(hall: Hall) -> None:
    older, newer = await hall.code(), await hall.code()
    assert_refused(await hall.scan(older), "unknown")
    assert (await hall.scan(newer)).status_code == 201


@pytest.mark.parametrize("code", ["", "TB1.", "TB1." + "A" * 32, "https://example.test/qr"])
async def test_a_made_up_code_is_refused(hall: Hall, code: str) -> None:
    assert_refused(await hall.scan(code), "unknown")


async def test_a_foreign_device_gets_nothing_and_does_not_use_the_code_up(hall: Hall) -> None:
    code = await hall.code()
    for foreign in ({"id": str(uuid4()), "secret": "x" * 43}, {"id": hall.window["id"], "secret": hall.kiosk["secret"]}):
        answer = await hall.scan(code, foreign)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:device-refused")
    assert (await hall.scan(code)).status_code == 201


async def test_a_stolen_device_is_refused_from_the_next_request(hall: Hall) -> None:
    code = await hall.code()
    await put_device(hall.provider, is_active=False)
    assert (await hall.scan(code)).status_code == 401
    renewed = await put_device(hall.provider, renews_secret=True)
    assert (await hall.scan(code)).status_code == 401
    assert (await hall.scan(code, renewed)).status_code == 201
    assert "secret" not in await put_device(hall.provider)


async def test_a_windows_device_without_its_own_departments_clerk_gets_nothing(hall: Hall) -> None:
    code = await hall.code()
    other = make_uscc("11", "511602", "MB000002")
    for headers in ({}, bearer(hall.token), hall.clerk_of(other), hall.clerk_of(DEPARTMENT, scope="approval.work")):
        answer = await hall.scan(code, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tongban:problem:clerk-needed")
    assert (await hall.scan(code)).status_code == 201


async def test_codes_are_kept_as_digests(hall: Hall) -> None:
    code = await hall.code()
    async with hall.provider.service.runtime.db.read() as tx:
        rows = str(await tx.all(text("SELECT * FROM one_codes")))
    assert code.removeprefix("TB1.") not in rows


async def test_nobody_shows_another_persons_code(hall: Hall) -> None:
    act = {"sub": str(uuid4()), "name": LI.name}
    agent = hall.provider.service.as_("person", "identity.self", act=act, assurance=2)
    assert (await hall.provider.http.post("/me/one-code", headers=agent)).status_code == 403
    assert (await hall.provider.http.post("/me/one-code", headers=hall.clerk)).status_code == 403


async def test_making_codes_without_end_is_stopped_per_person(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "services.identity.api.one_code.ONE_CODES_PER_PERSON", ONE_CODES_PER_PERSON.__class__(2, ONE_CODES_PER_PERSON.window)
    )
    for _ in range(2):
        await hall.code()
    assert (await hall.provider.http.post("/me/one-code", headers=bearer(hall.token))).status_code == 429


async def test_trying_codes_out_is_stopped_per_device_and_good_scans_do_not_count(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.identity.api.visits.SCANS_PER_DEVICE", SCANS_PER_DEVICE.__class__(2, SCANS_PER_DEVICE.window))
    for _ in range(4):
        assert (await hall.scan(await hall.code())).status_code == 201
    for _ in range(2):
        assert (await hall.scan("TB1.guess")).status_code == 422
    code = await hall.code()
    assert (await hall.scan(code)).status_code == 429
    assert (await hall.scan(code, hall.kiosk, headers={})).status_code == 201


async def test_a_visit_ends_after_half_an_hour_or_when_closed(hall: Hall) -> None:
    first, second = await hall.visit(), await hall.visit()
    proof = {"device_id": hall.window["id"], "device_secret": hall.window["secret"]}
    closed = await hall.post(f"/visits/{first['id']}/close", proof)
    assert (closed.status_code, closed.json()["closed_at"] is not None) == (200, True)
    assert (await hall.post(f"/visits/{first['id']}/close", proof)).status_code == 409
    assert (await hall.provider.http.get(f"/visits/{first['id']}", headers=hall.clerk)).status_code == 409
    hall.provider.service.clock.advance(timedelta(minutes=30))
    hall.clerk = hall.clerk_of(DEPARTMENT)
    over = await hall.provider.http.get(f"/visits/{second['id']}", headers=hall.clerk)
    assert (over.status_code, over.json()["type"]) == (409, "urn:tongban:problem:visit-over")


async def test_another_department_or_device_has_no_part_in_a_visit(hall: Hall) -> None:
    visit = await hall.visit()
    other = hall.clerk_of(make_uscc("11", "511602", "MB000002"))
    assert (await hall.provider.http.get(f"/visits/{visit['id']}", headers=other)).status_code == 404
    proof = {"device_id": hall.kiosk["id"], "device_secret": hall.kiosk["secret"]}
    assert (await hall.post(f"/visits/{visit['id']}/close", proof)).status_code == 404


async def test_the_person_sees_where_the_code_was_scanned(hall: Hall) -> None:
    visit = await hall.visit()
    [row] = (await hall.provider.http.get("/me/visits", headers=bearer(hall.token))).json()["data"]
    assert (row["id"], row["device_name"], row["device_kind"]) == (visit["id"], "一号窗口", "window")


async def test_in_person_with_the_face_is_level_4_and_another_face_is_not(hall: Hall) -> None:
    visit = await hall.visit()
    path = f"/visits/{visit['id']}/verifications"
    wrong = await hall.post(path, {"liveness_reference": "liveness-of-nobody"})
    assert (wrong.status_code, wrong.json()["assurance"]) == (201, 2)
    right = await hall.post(path, {"liveness_reference": FACE.liveness_reference})
    assert (right.json()["assurance"], right.json()["ways_up"]) == (4, [])
    assert (await hall.post(path, {"liveness_reference": FACE.liveness_reference}, bearer(hall.token))).status_code == 403


def appointment(hall: Hall, **change: Any) -> dict[str, Any]:
    ends_at = (hall.provider.service.clock.now() + timedelta(days=30)).isoformat()
    agent = {"name": LI.name, "citizen_id": LI.citizen_id}
    return {"kind": "helper", "agent": agent, "items": ["food-business-permit"], "ends_at": ends_at, **change}


async def test_a_clerk_enters_a_helper_for_who_showed_their_code(hall: Hall) -> None:
    await hall.provider.sign_up(LI, phone="13900000002")
    visit = await hall.visit()
    made = await hall.post(f"/visits/{visit['id']}/mandates", appointment(hall))
    assert made.status_code == 201, made.text
    assert (made.json()["principal"], made.json()["made_by"], made.json()["agent_name"]) == (hall.person_id, "window", LI.name)
    [event] = await hall.provider.service.emitted("tongban.identity.mandate.appointed.v1")
    assert (event["made_by"], event["principal"]) == ("window", hall.person_id)
    assert event["maker"] != hall.person_id


async def test_without_the_person_there_a_clerk_appoints_nobody(hall: Hall) -> None:
    await hall.provider.sign_up(LI, phone="13900000002")
    visit = await hall.visit()
    path = f"/visits/{visit['id']}/mandates"
    assert (await hall.post(f"/visits/{uuid4()}/mandates", appointment(hall))).status_code == 404
    assert (await hall.post(path, appointment(hall, kind="handler"))).status_code == 422
    hall.provider.service.clock.advance(timedelta(minutes=30))
    hall.clerk = hall.clerk_of(DEPARTMENT)
    assert (await hall.post(path, appointment(hall))).status_code == 409
    assert await hall.provider.service.emitted("tongban.identity.mandate.appointed.v1") == []
