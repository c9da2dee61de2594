"""Getting back in by the confirmed phone; nobody is locked out by it, and nothing is learned from it."""

from datetime import timedelta
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from services.identity.clients.messages import Messages
from services.identity.rules.one_time_codes import LIFETIME, MOST_TRIES
from services.identity.rules.throttling import CODE_TRIES_PER_SOURCE, CODES_PER_ACCOUNT, SIGN_IN_PER_ACCOUNT
from tests.identity.provider import CARD, LI, WANG, Provider, bearer
from tests.support.peers import Peers

NEW = "a wholly new 密码"
HOME, STRANGER = "198.51.100.7", "203.0.113.9"


def messages(provider: Provider) -> list[Any]:
    return list(provider.border.state.messages)


def newest_code(provider: Provider) -> str:
    found = re.search(r"\b[0-9]{6}\b", messages(provider)[-1].text)
    assert found is not None
    return found.group()


async def post(provider: Provider, path: str, body: Any = None, *, token: str | None = None, source: str = HOME) -> httpx.Response:
    headers = {"X-Forwarded-For": source, **(bearer(token) if token else {})}
    return await provider.http.post(path, json=body, headers=headers)


async def begin(provider: Provider, login: str = WANG.citizen_id, *, source: str = HOME) -> httpx.Response:
    return await post(provider, "/recoveries", {"login": login}, source=source)


async def complete(provider: Provider, recovery_id: str, code: str, password: str = NEW, *, source: str = HOME) -> httpx.Response:
    return await post(provider, f"/recoveries/{recovery_id}/complete", {"code": code, "password": password}, source=source)


@pytest.fixture
async def token(provider: Provider) -> str:
    """Wang's, with the phone confirmed."""
    await provider.sign_up()
    found: str = (await provider.tokens(WANG.citizen_id))["access_token"]
    asked = await post(provider, "/me/phone-confirmations", token=found)
    assert (asked.status_code, asked.json()["phone_masked"]) == (201, "139****0001")
    path = f"/me/phone-confirmations/{asked.json()['id']}/complete"
    assert (await post(provider, path, {"code": newest_code(provider)}, token=found)).status_code == 204
    return found


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:one-time-code-refused")


@pytest.mark.parametrize("login", [WANG.citizen_id, "13900000001"])
async def test_a_code_to_the_confirmed_phone_sets_a_new_password_and_ends_old_sign_ins(provider: Provider, token: str, login: str) -> None:
    refresh = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    begun = await begin(provider, login)
    assert begun.status_code == 202
    assert messages(provider)[-1].phone == "13900000001"
    done = await complete(provider, begun.json()["id"], newest_code(provider))
    assert done.status_code == 204, done.text
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 401
    assert (await provider.submit_sign_in(WANG.citizen_id, NEW)).status_code == 303
    ended = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=refresh)
    assert ended.json()["error"] == "invalid_grant"
    assert len(await provider.service.emitted("tongban.identity.person.password_changed.v1")) == 1


async def test_the_answer_does_not_tell_whether_there_is_an_account(provider: Provider, token: str) -> None:
    await provider.sign_up(LI, phone="13900000002")
    sent = len(messages(provider))
    answers = [await begin(provider, login) for login in (LI.citizen_id, "13911112222", "rubbish", "clerk.zhao")]
    answers.append(await begin(provider))
    assert {(answer.status_code, frozenset(answer.json())) for answer in answers} == {(202, frozenset({"id", "expires_at"}))}
    assert len(messages(provider)) == sent + 1  # to Wang alone: nobody else has a confirmed phone
    assert_refused(await complete(provider, answers[0].json()["id"], "000000"))
    assert_refused(await complete(provider, str(uuid4()), "000000"))


async def test_a_code_is_good_once_and_for_ten_minutes(provider: Provider, token: str) -> None:
    first = (await begin(provider)).json()["id"]
    code = newest_code(provider)
    assert (await complete(provider, first, code)).status_code == 204
    assert_refused(await complete(provider, first, code, "yet another password"))
    second = (await begin(provider)).json()["id"]
    provider.service.clock.advance(LIFETIME)
    assert_refused(await complete(provider, second, newest_code(provider)))


async def test_guessing_a_code_ends_after_a_few_tries_even_with_the_right_one(provider: Provider, token: str) -> None:
    recovery_id = (await begin(provider)).json()["id"]
    code = newest_code(provider)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(MOST_TRIES):
        assert_refused(await complete(provider, recovery_id, wrong))
    assert_refused(await complete(provider, recovery_id, code))
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303


async def test_a_strangers_recovery_takes_nothing_from_the_owner(provider: Provider, token: str) -> None:
    """Neither the password, nor a code on its way, nor the owner's own tries."""
    own = (await begin(provider)).json()["id"]
    code = newest_code(provider)
    strangers = (await begin(provider, source=STRANGER)).json()["id"]
    for _ in range(MOST_TRIES + 1):
        await complete(provider, strangers, "000000", source=STRANGER)
    assert (await provider.submit_sign_in(WANG.citizen_id)).status_code == 303
    assert_refused(await complete(provider, strangers, code, source=STRANGER))
    assert (await complete(provider, own, code)).status_code == 204


async def test_a_stranger_who_asks_for_codes_without_end_does_not_keep_the_owner_from_theirs(provider: Provider, token: str) -> None:
    await provider.submit_sign_in(WANG.citizen_id, source=HOME)
    statuses = [(await begin(provider, source=f"203.0.113.{n}")).status_code for n in range(CODES_PER_ACCOUNT.attempts + 2)]
    assert statuses == [202] * CODES_PER_ACCOUNT.attempts + [429] * 2
    assert (await begin(provider, source=HOME)).status_code == 202


async def test_recovery_gets_the_owner_past_a_strangers_guessing(provider: Provider, token: str) -> None:
    for n in range(SIGN_IN_PER_ACCOUNT.attempts + 1):
        await provider.submit_sign_in(WANG.citizen_id, "guess", source=f"203.0.113.{n}")
    assert (await provider.submit_sign_in(WANG.citizen_id, source=HOME)).status_code == 429
    recovery_id = (await begin(provider)).json()["id"]
    assert (await complete(provider, recovery_id, newest_code(provider))).status_code == 204
    assert (await provider.submit_sign_in(WANG.citizen_id, NEW, source=HOME)).status_code == 303


async def test_trying_codes_for_many_recoveries_is_stopped_per_source(
    provider: Provider, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered = CODE_TRIES_PER_SOURCE.__class__(3, CODE_TRIES_PER_SOURCE.window)
    monkeypatch.setattr("services.identity.api.recoveries.CODE_TRIES_PER_SOURCE", lowered)
    for _ in range(3):
        assert_refused(await complete(provider, str(uuid4()), "000000", source=STRANGER))
    assert (await complete(provider, str(uuid4()), "000000", source=STRANGER)).status_code == 429
    assert_refused(await complete(provider, str(uuid4()), "000000", source=HOME))


async def test_an_unconfirmed_phone_gets_nobody_in_and_the_banks_word_confirms_it(provider: Provider) -> None:
    await provider.sign_up()
    found = (await provider.tokens(WANG.citizen_id))["access_token"]
    await begin(provider)
    assert messages(provider) == []
    assert (await post(provider, "/me/verifications", {"bank_card": CARD.card}, token=found)).json()["assurance"] == 3
    await begin(provider)
    assert len(messages(provider)) == 1


async def test_a_code_of_one_purpose_or_person_is_none_for_another(provider: Provider, token: str) -> None:
    asked = (await post(provider, "/me/phone-confirmations", token=token)).json()["id"]
    code = newest_code(provider)
    assert_refused(await complete(provider, asked, code))
    other = provider.service.as_("person", "identity.self", assurance=2)["Authorization"].removeprefix("Bearer ")
    assert_refused(await post(provider, f"/me/phone-confirmations/{asked}/complete", {"code": code}, token=other))


async def test_codes_and_places_are_not_readable_in_the_database(provider: Provider, token: str) -> None:
    await begin(provider)
    async with provider.service.runtime.db.read() as tx:
        kept = str(await tx.all(text("SELECT * FROM one_time_codes"))) + str(await tx.all(text("SELECT * FROM known_places")))
    assert newest_code(provider) not in kept
    assert HOME not in kept
    assert "127.0.0.1" not in kept


async def test_a_message_gateway_that_is_down_is_no_fault_and_one_asks_again(provider: Provider, token: str) -> None:
    routes = provider.border.router.routes
    away = [route for route in routes if getattr(route, "path", "") != "/messages"]
    kept, routes[:] = list(routes), away
    assert (await begin(provider)).status_code == 202
    routes[:] = kept
    recovery_id = (await begin(provider)).json()["id"]
    assert (await complete(provider, recovery_id, newest_code(provider))).status_code == 204


async def test_without_a_gateway_messages_are_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    await Messages(Peers(), url=None, seconds=1).send("13900000001", "123456")
    shown = capsys.readouterr().out
    assert "139****0001" in shown
    assert "123456" in shown


async def test_recovery_works_again_after_the_throttles_window(provider: Provider, token: str) -> None:
    for n in range(CODES_PER_ACCOUNT.attempts + 1):
        await begin(provider, source=f"203.0.113.{n}")
    assert (await begin(provider, source=STRANGER)).status_code == 429
    provider.service.clock.advance(timedelta(hours=1))
    assert (await begin(provider, source=STRANGER)).status_code == 202
