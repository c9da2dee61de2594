"""Keys that sign tokens: published before they sign, kept until their last token has expired, gone at once when stolen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from joserfc.jws import extract_compact
import pytest

from host.keys import rotate
from services.identity.commands.forget_expired import forget_expired
from services.identity.commands.rotate_keys import replace_stolen_keys
from services.identity.parts import parts_of
from services.identity.rules.authorization import ACCESS_LIFETIME
from services.identity.signing import Signer, open_signer, verified_claims
from tests.identity.provider import WANG, Provider, bearer
from tests.support.clock import ManualClock
from tests.support.waiting import until


def kid_of(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


async def published(provider: Provider) -> list[str]:
    return [key["kid"] for key in (await provider.http.get("/jwks")).json()["keys"]]


async def another_process(provider: Provider) -> Signer:
    runtime = provider.service.runtime
    return await open_signer(runtime.db, runtime.keys, runtime.clock)


@pytest.fixture
async def believed(provider: Provider) -> Provider:
    """Every service asks identity itself for the keys, as in a whole suite, and asks again whenever a key is not known."""
    provider.follow_keys()
    return provider


async def test_no_valid_token_is_refused_while_keys_change_by_their_schedule(believed: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, clock = believed, believed.service.clock
    monkeypatch.setattr("chassis.tokens.REFRESH_SECONDS", -1.0)
    signer = parts_of(provider.service.runtime).signer
    await provider.sign_up()
    alive: list[tuple[str, int]] = []
    signed_by, published_before = set(), set(await published(provider))
    refresh = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    clock.advance(timedelta(days=89) - timedelta(minutes=20))
    refresh = (await provider.tokens(WANG.citizen_id))["refresh_token"]
    for minute in range(0, 60 * 25, 5):  # from before the next key is made until after the old one is gone
        clock.advance(timedelta(minutes=5))
        await signer.renew()
        if minute % 300 == 0:
            refresh = (await provider.tokens(WANG.citizen_id))["refresh_token"]
        answer = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=refresh)
        body = answer.json()
        refresh, token = body["refresh_token"], body["access_token"]
        assert kid_of(token) in published_before, "a key was published no earlier than it signed"
        signed_by.add(kid_of(token))
        alive = [(t, until) for t, until in alive if until > minute] + [(token, minute + 15)]
        for one, _ in alive:
            assert (await provider.http.get("/me", headers=bearer(one))).status_code == 200, minute
        published_before = set(await published(provider))
    assert len(signed_by) == 2


async def test_the_next_key_is_published_a_day_before_it_signs_and_the_old_one_until_its_tokens_are_gone(provider: Provider) -> None:
    clock, signer = provider.service.clock, await another_process(provider)
    [first] = await published(provider)
    clock.advance(timedelta(days=89))
    await signer.renew()
    old, new = await published(provider)
    assert (old, kid_of(signer.access_token({}))) == (first, first)
    clock.advance(timedelta(days=1))
    assert kid_of(signer.access_token({})) == new
    clock.advance(ACCESS_LIFETIME)
    assert await published(provider) == [first, new]
    clock.advance(timedelta(minutes=5))
    assert await published(provider) == [new]
    clock.advance(timedelta(days=31))
    async with provider.service.runtime.db.write() as tx:
        assert await forget_expired(tx) == 1
    assert await published(provider) == [new]


async def test_processes_agree_on_the_next_key(provider: Provider) -> None:
    signers = [await another_process(provider) for _ in range(3)]
    provider.service.clock.advance(timedelta(days=89, hours=1))
    await asyncio.gather(*(signer.renew() for signer in signers))
    assert len(await published(provider)) == 2
    provider.service.clock.advance(timedelta(hours=24))
    assert {kid_of(signer.access_token({})) for signer in signers} == {(await published(provider))[1]}


async def test_a_suite_that_slept_through_its_notice_still_gives_it(provider: Provider) -> None:
    signer = await another_process(provider)
    provider.service.clock.advance(timedelta(days=400))
    await signer.renew()
    first, second = await published(provider)
    assert kid_of(signer.access_token({})) == first
    provider.service.clock.advance(timedelta(hours=24))
    assert kid_of(signer.access_token({})) == second


async def test_an_operator_changes_keys_before_their_time_once(provider: Provider) -> None:
    before = await published(provider)
    made = await provider.http.post("/signing-keys", headers=provider.admin)
    assert made.status_code == 201
    assert made.json()["signs_from"] == "2026-09-22T01:00:00Z"
    assert await published(provider) == [*before, made.json()["kid"]]
    assert (await provider.http.post("/signing-keys", headers=provider.admin)).json() == made.json()


async def test_after_an_emergency_the_stolen_key_is_believed_nowhere_and_people_go_on(
    believed: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = believed
    monkeypatch.setattr("chassis.tokens.REFRESH_SECONDS", -1.0)
    await provider.sign_up()
    tokens = await provider.tokens(WANG.citizen_id)
    stolen = (await published(provider))[0]
    assert (await provider.http.get("/me", headers=bearer(tokens["access_token"]))).status_code == 200
    made = (await provider.http.post("/signing-keys", params={"emergency": "true"}, headers=provider.admin)).json()
    assert await published(provider) == [made["kid"]]
    answer = await provider.token(grant_type="refresh_token", client_id="tongban-demo", refresh_token=tokens["refresh_token"])
    fresh = answer.json()["access_token"]
    assert kid_of(fresh) == made["kid"] != stolen
    assert (await provider.http.get("/me", headers=bearer(fresh))).status_code == 200
    assert (await provider.http.get("/me", headers=bearer(tokens["access_token"]))).status_code == 401


async def test_another_process_hears_of_an_emergency_by_itself(provider: Provider) -> None:
    signer = parts_of(provider.service.runtime).signer
    before = kid_of(signer.access_token({}))
    runtime = provider.service.runtime
    async with runtime.db.write() as tx:  # as `tongban keys rotate --emergency` does, from elsewhere
        made = await replace_stolen_keys(tx, runtime.keys)
    await until(lambda: kid_of(signer.access_token({})) != before)
    assert kid_of(signer.access_token({})) == made


async def test_only_the_operator_changes_keys(provider: Provider) -> None:
    for headers in ({}, provider.service.as_("service", "catalog.admin"), provider.service.as_("staff", "identity.admin")):
        assert (await provider.http.post("/signing-keys", headers=headers)).status_code in (401, 403)
    assert len(await published(provider)) == 1


async def test_attack_a_token_signed_by_a_key_whose_time_is_over_is_refused(believed: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, clock = believed, believed.service.clock
    monkeypatch.setattr("chassis.tokens.REFRESH_SECONDS", -1.0)
    await provider.sign_up()
    thief = await another_process(provider)  # it keeps the old key, and never renews
    runtime = provider.service.runtime
    clock.advance(timedelta(days=89))
    await parts_of(runtime).signer.renew()
    clock.advance(timedelta(days=1, minutes=20))
    now = int(clock.now().timestamp())
    claims = {**verified_claims((await provider.tokens(WANG.citizen_id))["access_token"]), "iat": now, "exp": now + 900}
    thief._clock = ManualClock(clock.now() - timedelta(minutes=20, seconds=1))
    forged = thief.access_token(claims)
    assert kid_of(forged) not in await published(provider)
    assert (await provider.http.get("/me", headers=bearer(forged))).status_code == 401


async def test_the_operator_changes_keys_on_the_command_line(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    @asynccontextmanager
    async def installation(var: Path) -> AsyncIterator[Any]:
        yield SimpleNamespace(adopt=lambda: None, settings_for=lambda _: provider.service.runtime.settings)

    monkeypatch.setattr("host.keys.installation", installation)
    monkeypatch.setattr("host.keys.clock_of", lambda _: provider.service.clock)
    [first] = await published(provider)
    await rotate(Path("nowhere"), emergency=False, say=said.append)
    old, second = await published(provider)
    assert old == first and said[0].startswith(second) and "2026-09-22 09:00:00" in said[0]
    await rotate(Path("nowhere"), emergency=True, say=said.append)
    [third] = await published(provider)
    assert said[1].startswith(third) and third not in (first, second)
