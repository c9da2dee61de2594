"""Signing up: one account per citizen ID number, confirmed by the population base when it can be asked."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text

from borders.app import Behaviour
from borders.records import PersonRecord
from services.identity.rules.throttling import SIGN_UP_PER_SOURCE
from tests.identity.provider import LI, PASSWORD, WANG, Provider, citizen_number


async def test_a_person_the_population_base_knows_begins_verified(provider: Provider) -> None:
    answer = await provider.sign_up()
    assert answer.status_code == 201
    body = answer.json()
    assert (body["name"], body["assurance"]) == ("王小明", 2)
    assert body["citizen_id_masked"] == f"5116**********{WANG.citizen_id[-4:]}"
    assert WANG.citizen_id not in answer.text


async def test_registration_is_told_without_a_name_or_number(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    [event] = await provider.service.emitted()
    assert event["type"] == "tongban.identity.person.registered.v1"
    assert (event["person_id"], event["name_masked"], event["assurance"]) == (person["id"], "王**", 2)
    assert event["holder_index"] == provider.service.runtime.keys.blind_index("citizen-id", WANG.citizen_id)
    assert WANG.citizen_id not in str(event)
    assert WANG.name not in str(event)


async def test_numbers_are_ciphertext_in_the_database_and_the_password_a_hash(provider: Provider) -> None:
    await provider.sign_up()
    async with provider.service.runtime.db.read() as tx:
        row = str(await tx.one(text("SELECT * FROM people")))
    assert WANG.citizen_id not in row
    assert "13900000001" not in row
    assert PASSWORD not in row
    assert "$argon2id$" in row


@pytest.mark.parametrize("mode", ["down", "garbage"])
async def test_a_base_that_is_away_or_babbles_keeps_nobody_out_but_leaves_them_self_asserted(provider: Provider, mode: str) -> None:
    provider.border.state.behaviour = Behaviour(mode=mode)
    answer = await provider.sign_up()
    assert (answer.status_code, answer.json()["assurance"]) == (201, 1)


async def test_somebody_the_base_does_not_know_begins_self_asserted(provider: Provider) -> None:
    answer = await provider.sign_up(PersonRecord("孙新", citizen_number(77)))
    assert (answer.status_code, answer.json()["assurance"]) == (201, 1)


async def test_a_name_that_does_not_belong_to_the_number_is_refused_and_leaves_nothing(provider: Provider) -> None:
    answer = await provider.sign_up(PersonRecord("王大明", WANG.citizen_id))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:identity-mismatch")
    assert await provider.service.emitted() == []
    assert (await provider.sign_up()).status_code == 201


async def test_a_number_has_one_account_however_it_is_typed(provider: Provider) -> None:
    assert (await provider.sign_up()).status_code == 201
    again = await provider.sign_up(phone="13900000002", citizen_id=f" {WANG.citizen_id.lower()} ")
    assert (again.status_code, again.json()["type"]) == (409, "urn:tongban:problem:account-exists")


async def test_of_two_sign_ups_at_the_same_moment_one_wins(provider: Provider) -> None:
    answers = await asyncio.gather(*(provider.sign_up() for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]
    assert len(await provider.service.emitted()) == 1


async def test_the_same_request_sent_twice_with_a_key_is_one_account_and_one_answer(provider: Provider) -> None:
    body = {"name": WANG.name, "citizen_id": WANG.citizen_id, "phone": "13900000001", "password": PASSWORD}
    headers = {"Idempotency-Key": str(uuid4())}
    first = await provider.http.post("/people", json=body, headers=headers)
    second = await provider.http.post("/people", json=body, headers=headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotent-Replay"] == "true"


WRONG_FIELDS: list[tuple[dict[str, object], str, str]] = [
    ({"citizen_id": WANG.citizen_id[:-1]}, "/citizen_id", "length"),
    ({"citizen_id": WANG.citizen_id[:-1] + ("0" if WANG.citizen_id[-1] != "0" else "1")}, "/citizen_id", "check_digit"),
    ({"citizen_id": "51160219900231001X"}, "/citizen_id", "date"),
    ({"name": ""}, "/name", "string_too_short"),
    ({"name": "王\n明"}, "/name", "string_pattern_mismatch"),
    ({"name": "王" * 61}, "/name", "string_too_long"),
    ({"phone": "12345"}, "/phone", "string_pattern_mismatch"),
    ({"password": "short"}, "/password", "too_short"),
    ({"citizen_id": 5}, "/citizen_id", "string_type"),
    ({"admin": True}, "/admin", "extra_forbidden"),
]


async def test_a_wrong_field_is_pointed_at(provider: Provider) -> None:
    for change, pointer, code in WRONG_FIELDS:
        answer = await provider.sign_up(**change)
        assert answer.status_code == 422
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_nobody_is_born_tomorrow(provider: Provider) -> None:
    provider.service.clock.set(datetime(1989, 12, 31, 15, 0, tzinfo=UTC))
    answer = await provider.sign_up()
    assert [e["code"] for e in answer.json()["errors"]] == ["future_date"]


async def test_trying_names_against_a_number_is_stopped_per_source(provider: Provider) -> None:
    guess = PersonRecord("赵钱", LI.citizen_id)
    for _ in range(SIGN_UP_PER_SOURCE.attempts):
        assert (await provider.sign_up(guess)).status_code == 422
    answer = await provider.sign_up(LI)
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:tongban:problem:too-many-attempts")
    assert int(answer.headers["Retry-After"]) == SIGN_UP_PER_SOURCE.window.total_seconds()
    provider.service.clock.advance(SIGN_UP_PER_SOURCE.window)
    assert (await provider.sign_up(LI)).status_code == 201
