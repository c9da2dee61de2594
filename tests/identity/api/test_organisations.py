"""Binding an organisation: only what the legal-person base confirms, only to a verified person."""

from uuid import UUID

import httpx
import pytest

from borders.app import Behaviour
from borders.records import OrganisationRecord
from tests.identity.provider import LI, NOODLES, WANG, Provider, bearer


async def bind(provider: Provider, token: str, **change: str) -> httpx.Response:
    return await provider.http.post("/organisations", json={"name": NOODLES.name, "uscc": NOODLES.uscc, **change}, headers=bearer(token))


async def token_of(provider: Provider, login: str = WANG.citizen_id) -> str:
    token: str = (await provider.tokens(login))["access_token"]
    return token


async def test_the_representative_binds_the_organisation_and_sees_it_in_me(provider: Provider) -> None:
    person = (await provider.sign_up()).json()
    token = await token_of(provider)
    answer = await bind(provider, token, uscc=f" {NOODLES.uscc.lower()} ")
    assert answer.status_code == 201
    assert answer.json() == {"id": answer.json()["id"], "name": NOODLES.name, "uscc": NOODLES.uscc}
    me = (await provider.http.get("/me", headers=bearer(token))).json()
    assert me["organisations"] == [answer.json()]
    [event] = await provider.service.emitted("tongban.identity.organisation.registered.v1")
    assert (event["organisation_id"], event["uscc"], event["legal_representative"]) == (answer.json()["id"], NOODLES.uscc, person["id"])


@pytest.mark.parametrize("change", [{"name": "大明面馆"}, {"uscc": "92511602MA60000X00"}])
async def test_what_the_base_does_not_confirm_is_not_bound(provider: Provider, change: dict[str, str]) -> None:
    await provider.sign_up()
    answer = await bind(provider, await token_of(provider), **change)
    assert answer.status_code == 422
    assert await provider.service.emitted("tongban.identity.organisation.registered.v1") == []


async def test_somebody_else_than_the_representative_cannot_bind_it(provider: Provider) -> None:
    await provider.sign_up(LI)
    answer = await bind(provider, await token_of(provider, LI.citizen_id))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:organisation-not-confirmed")


@pytest.mark.parametrize("mode", ["down", "garbage"])
async def test_without_the_base_nothing_is_bound_and_one_may_come_back(provider: Provider, mode: str) -> None:
    await provider.sign_up()
    token = await token_of(provider)
    provider.border.state.behaviour = Behaviour(mode=mode)
    answer = await bind(provider, token)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:tongban:problem:legal-person-base-unavailable")
    assert answer.headers["Retry-After"]
    provider.border.state.behaviour = Behaviour()
    assert (await bind(provider, token)).status_code == 201


async def test_a_self_asserted_person_cannot_bind(provider: Provider) -> None:
    provider.border.state.behaviour = Behaviour(mode="down")
    await provider.sign_up()
    provider.border.state.behaviour = Behaviour()
    answer = await bind(provider, await token_of(provider))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:assurance-too-low")


async def test_binding_twice_is_a_conflict_that_names_the_organisation(provider: Provider) -> None:
    await provider.sign_up()
    token = await token_of(provider)
    first = await bind(provider, token)
    again = await bind(provider, token)
    assert (again.status_code, again.json()["organisation_id"]) == (409, first.json()["id"])


async def test_a_new_representative_takes_the_place_of_the_old(provider: Provider) -> None:
    await provider.sign_up()
    new = (await provider.sign_up(LI, phone="13900000002")).json()
    old_token = await token_of(provider)
    organisation = (await bind(provider, old_token)).json()
    renamed = OrganisationRecord("小明与芳面馆", NOODLES.uscc, LI.name, LI.citizen_id)
    _replace_record(provider, renamed)
    new_token = await token_of(provider, LI.citizen_id)
    answer = await bind(provider, new_token, name=renamed.name)
    assert (answer.status_code, answer.json()["id"]) == (201, organisation["id"])
    assert (await provider.http.get("/me", headers=bearer(old_token))).json()["organisations"] == []
    assert (await provider.http.get("/me", headers=bearer(new_token))).json()["organisations"] == [answer.json()]
    [event] = await provider.service.emitted("tongban.identity.organisation.representative_changed.v1")
    assert (UUID(event["legal_representative"]), event["name"]) == (UUID(new["id"]), renamed.name)


def _replace_record(provider: Provider, record: OrganisationRecord) -> None:
    """The registry changed: the stand-in now answers from this record."""
    from borders.app import create_app

    changed = create_app(people=[WANG, LI], organisations=[record])
    provider.border.router.routes[:] = changed.router.routes
