"""Acting for others: begun by those who may, limited to what was said, over the moment it ends; each way around it is tried."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from borders.records import PersonRecord
from chassis.tokens import actor_from_claims
from services.identity.commands.end_mandate import end_expired
from services.identity.rules.throttling import NAMED_PEOPLE_PER_PERSON
from tests.identity.provider import CARD, LI, NOODLES, WANG, Provider, bearer, citizen_number

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ITEM = "food-business-permit"
CHEN = PersonRecord("陈三", citizen_number(3))


class Cast:
    """Wang (verified, represents the noodles) and Li (verified), both signed in."""

    def __init__(self, provider: Provider, wang: str, li: str, ids: dict[str, str]) -> None:
        self.provider, self.wang, self.li, self.ids = provider, wang, li, ids

    def now(self) -> datetime:
        return self.provider.service.clock.now()

    def body(self, kind: str = "agent", agent: PersonRecord = LI, **change: Any) -> dict[str, Any]:
        ends_at = (self.now() + timedelta(days=30)).isoformat()
        body = {"kind": kind, "agent": {"name": agent.name, "citizen_id": agent.citizen_id}, "items": [ITEM], "ends_at": ends_at}
        return {name: value for name, value in {**body, **change}.items() if value is not None}

    async def appoint(self, token: str, **change: Any) -> httpx.Response:
        return await self.provider.http.post("/me/mandates", json=self.body(**change), headers=bearer(token))

    async def appointed(self, token: str, **change: Any) -> dict[str, Any]:
        answer = await self.appoint(token, **change)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def exchange(self, token: str, target: str, **change: str) -> httpx.Response:
        form = {"grant_type": EXCHANGE, "client_id": "tongban-demo", "subject_token": token, "acting_for": target}
        return await self.provider.token(**{**form, **change})

    async def acting(self, token: str, target: str) -> str:
        answer = await self.exchange(token, target)
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["access_token"]
        return found

    async def end(self, token: str, mandate: dict[str, Any], *, seen: int = 1) -> httpx.Response:
        headers = {**bearer(token), "If-Match": f'"{seen}"'}
        return await self.provider.http.post(f"/me/mandates/{mandate['id']}/end", headers=headers)

    async def me(self, token: str) -> httpx.Response:
        return await self.provider.http.get("/me", headers=bearer(token))

    async def noodles(self) -> tuple[str, str]:
        """The organisation's id and its representative's token for it."""
        claim = {"name": NOODLES.name, "uscc": NOODLES.uscc}
        bound = (await self.provider.http.post("/organisations", json=claim, headers=bearer(self.wang))).json()["id"]
        return bound, await self.acting(self.wang, bound)


@pytest.fixture
async def cast(provider: Provider) -> Cast:
    ids = {"wang": (await provider.sign_up()).json()["id"], "li": (await provider.sign_up(LI, phone="13900000002")).json()["id"]}
    wang = (await provider.tokens(WANG.citizen_id))["access_token"]
    return Cast(provider, wang, (await provider.tokens(LI.citizen_id))["access_token"], ids)


def assert_problem(answer: httpx.Response, status: int, slug: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tongban:problem:{slug}"), answer.text


async def test_an_agent_for_one_item_acts_for_the_citizen_and_both_are_in_the_token(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    actor = actor_from_claims(cast.provider.claims(await cast.acting(cast.li, cast.ids["wang"])))
    assert (actor.kind, str(actor.subject), str(actor.person)) == ("person", cast.ids["wang"], cast.ids["li"])
    assert actor.limited_to == {ITEM}
    assert actor.scopes == {"identity.self", "intake.apply"}
    assert str(actor.basis) == f"mandate:{mandate['id']}:1"
    assert actor.holder_index == cast.provider.service.runtime.keys.blind_index("citizen-id", WANG.citizen_id)


async def test_an_appointment_is_told_whole_and_without_names(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang, kind="helper")
    [event] = await cast.provider.service.emitted("tongban.identity.mandate.appointed.v1")
    assert (event["mandate_id"], event["kind"], event["principal"], event["agent"]) == (
        mandate["id"], "helper", cast.ids["wang"], cast.ids["li"],
    )  # fmt: skip
    assert (event["items"], event["scopes"], event["made_by"], event["version"]) == ([ITEM], ["intake.apply"], "principal", 1)
    assert LI.name not in str(event)


async def test_a_revoked_mandate_stops_the_very_next_request(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    token = await cast.acting(cast.li, cast.ids["wang"])
    assert (await cast.me(token)).json()["acting_person"] == LI.name
    ended = await cast.end(cast.wang, mandate)
    assert (ended.status_code, ended.json()["end_reason"], ended.headers["ETag"]) == (200, "by_principal", '"2"')
    assert_problem(await cast.me(token), 401, "basis-ended")
    assert (await cast.exchange(cast.li, cast.ids["wang"])).json()["error"] == "invalid_target"
    [event] = await cast.provider.service.emitted("tongban.identity.mandate.ended.v1")
    assert (event["mandate_id"], event["end_reason"], event["ended_by"], event["version"]) == (
        mandate["id"], "by_principal", cast.ids["wang"], 2,
    )  # fmt: skip


async def test_a_mandate_ends_on_time_and_no_token_outlives_it(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang, ends_at=(cast.now() + timedelta(minutes=5)).isoformat())
    answer = (await cast.exchange(cast.li, mandate["id"])).json()
    assert answer["expires_in"] == 300
    assert cast.provider.claims(answer["access_token"])["exp"] == int((cast.now() + timedelta(minutes=5)).timestamp())
    cast.provider.service.clock.advance(timedelta(minutes=5))
    assert_problem(await cast.me(answer["access_token"]), 401, "basis-ended")
    assert (await cast.exchange(cast.li, mandate["id"])).json()["error"] == "invalid_target"


async def test_the_end_of_a_mandates_time_is_entered_once_and_told(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang, ends_at=(cast.now() + timedelta(minutes=5)).isoformat())
    db = cast.provider.service.runtime.db
    for expected in (0, 1, 0):
        async with db.write() as tx:
            assert await end_expired(tx) == expected
        cast.provider.service.clock.advance(timedelta(minutes=6))
    [event] = await cast.provider.service.emitted("tongban.identity.mandate.ended.v1")
    assert (event["end_reason"], event["ended_by"]) == ("expired", None)
    assert datetime.fromisoformat(event["ended_at"]) == datetime.fromisoformat(mandate["ends_at"])


async def test_a_mandate_holds_only_from_its_beginning(cast: Cast) -> None:
    await cast.appointed(cast.wang, begins_at=(cast.now() + timedelta(minutes=10)).isoformat())
    assert (await cast.exchange(cast.li, cast.ids["wang"])).json()["error"] == "invalid_target"
    cast.provider.service.clock.advance(timedelta(minutes=10))
    assert (await cast.exchange(cast.li, cast.ids["wang"])).status_code == 200


async def test_a_handler_acts_for_the_organisation_in_what_the_representative_said(cast: Cast) -> None:
    organisation_id, representative = await cast.noodles()
    await cast.appointed(representative, kind="handler", scopes=["intake.apply"], items=[])
    token = await cast.acting(cast.li, organisation_id)
    actor = actor_from_claims(cast.provider.claims(token))
    assert (actor.kind, str(actor.subject)) == ("organisation", organisation_id)
    assert not actor.limited_to
    assert actor.scopes == {"identity.self", "intake.apply"}
    me = (await cast.me(token)).json()
    assert (me["uscc"], me["acting_person"]) == (NOODLES.uscc, LI.name)


async def test_a_handler_hands_nothing_on(cast: Cast) -> None:
    organisation_id, representative = await cast.noodles()
    await cast.provider.sign_up(CHEN, phone="13900000003")
    mandate = await cast.appointed(representative, kind="handler", items=[])
    handler = await cast.acting(cast.li, organisation_id)
    assert_problem(await cast.appoint(handler, kind="handler", agent=CHEN), 403, "missing-scope")
    act = {"sub": cast.ids["li"], "name": LI.name}
    forged = cast.provider.service.issuer.token("organisation", "identity.appoint", subject=organisation_id, assurance=2, act=act)  # type: ignore[arg-type]
    assert_problem(await cast.appoint(forged, kind="handler", agent=CHEN), 403, "only-the-representative")
    assert_problem(await cast.end(forged, mandate), 403, "only-the-representative")


async def test_a_representative_who_was_replaced_stops_at_the_very_next_request(cast: Cast) -> None:
    from borders.app import create_app
    from borders.records import OrganisationRecord

    _, representative = await cast.noodles()
    record = OrganisationRecord(NOODLES.name, NOODLES.uscc, LI.name, LI.citizen_id)
    cast.provider.border.router.routes[:] = create_app(people=[WANG, LI], organisations=[record]).router.routes
    claim = {"name": NOODLES.name, "uscc": NOODLES.uscc}
    assert (await cast.me(representative)).status_code == 200
    assert (await cast.provider.http.post("/organisations", json=claim, headers=bearer(cast.li))).status_code == 201
    assert_problem(await cast.me(representative), 401, "basis-ended")


async def test_an_agent_cannot_chain_into_what_the_principal_represents(cast: Cast) -> None:
    organisation_id, _ = await cast.noodles()
    await cast.appointed(cast.wang)
    agent = await cast.acting(cast.li, cast.ids["wang"])
    assert (await cast.exchange(agent, organisation_id)).json()["error"] == "invalid_request"


async def test_an_agent_does_nothing_that_only_the_person_may(cast: Cast) -> None:
    await cast.appointed(cast.wang)
    agent = await cast.acting(cast.li, cast.ids["wang"])
    headers = bearer(agent)
    claim = {"name": NOODLES.name, "uscc": NOODLES.uscc}
    assert_problem(await cast.provider.http.post("/organisations", json=claim, headers=headers), 403, "only-oneself")
    assert_problem(await cast.provider.http.post("/me/verifications", json={"bank_card": CARD.card}, headers=headers), 403, "only-oneself")
    assert_problem(await cast.appoint(agent), 403, "missing-scope")
    me = (await cast.me(agent)).json()
    assert (me["phone_masked"], me["organisations"], me["acting_person"]) == (None, [], LI.name)


async def test_a_stranger_sees_and_ends_nobodys_mandate(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    await cast.provider.sign_up(CHEN, phone="13900000003")
    chen = cast.provider.service.issuer.token("person", "identity.appoint", assurance=2)
    assert_problem(await cast.end(chen, mandate), 404, "not-found")
    assert (await cast.provider.http.get("/me/mandates?role=principal", headers=bearer(chen))).json()["data"] == []


async def test_an_agent_lays_down_what_they_hold(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    assert (await cast.end(cast.li, mandate)).json()["end_reason"] == "by_agent"
    assert_problem(await cast.end(cast.wang, mandate, seen=2), 409, "mandate-already-ended")


async def test_ending_takes_the_version_that_was_read(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    assert (await cast.end(cast.wang, mandate, seen=7)).status_code == 412
    assert (await cast.provider.http.post(f"/me/mandates/{mandate['id']}/end", headers=bearer(cast.wang))).status_code == 428


async def test_both_sides_see_who_may_act_for_whom_and_the_history_is_kept(cast: Cast) -> None:
    first, second = await cast.appointed(cast.wang), await cast.appointed(cast.wang, items=["other-item"])
    await cast.end(cast.wang, first)

    async def listed(token: str, query: str) -> list[str]:
        answer = await cast.provider.http.get(f"/me/mandates?{query}", headers=bearer(token))
        return [row["id"] for row in answer.json()["data"]]

    assert await listed(cast.wang, "role=principal") == await listed(cast.li, "role=agent") == [second["id"]]
    assert await listed(cast.wang, "role=principal&history=true") == [second["id"], first["id"]]
    assert await listed(cast.wang, "role=agent") == []
    page = (await cast.provider.http.get("/me/mandates?role=principal&history=true&limit=1", headers=bearer(cast.wang))).json()
    assert await listed(cast.wang, f"role=principal&history=true&limit=1&cursor={page['next_cursor']}") == [first["id"]]


async def test_of_several_mandates_for_one_principal_the_token_is_for_the_one_named(cast: Cast) -> None:
    await cast.appointed(cast.wang)
    second = await cast.appointed(cast.wang, items=["other-item"])
    assert (await cast.exchange(cast.li, cast.ids["wang"])).json()["error"] == "invalid_target"
    assert cast.provider.claims(await cast.acting(cast.li, second["id"]))["items"] == ["other-item"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"kind": "handler"}, "/kind", "not-for-this-principal"),
        ({"items": []}, "/items", "exactly-one"),
        ({"items": ["a", "b"]}, "/items", "exactly-one"),
        ({"scopes": ["certificates.own"]}, "/scopes", "not-delegable"),
        ({"scopes": ["identity.appoint"]}, "/scopes", "not-delegable"),
        ({"ends_at": None}, "/ends_at", "missing"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "/ends_at", "in-the-past"),
        ({"ends_at": "2027-09-21T00:00:00Z"}, "/ends_at", "too-long"),
        ({"agent": CHEN}, "/agent", "unknown"),
        ({"agent": PersonRecord("李大芳", LI.citizen_id)}, "/agent", "unknown"),
        ({"kind": "guardian"}, "/kind", "literal_error"),
    ],
)
async def test_what_a_mandate_may_not_say_is_pointed_at_and_changes_nothing(
    cast: Cast, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await cast.appoint(cast.wang, **change)
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert await cast.provider.service.emitted("tongban.identity.mandate.appointed.v1") == []


async def test_nobody_appoints_themselves(cast: Cast) -> None:
    assert_problem(await cast.appoint(cast.wang, agent=WANG), 422, "not-to-oneself")


async def test_an_impostor_who_appoints_somebody_trusted_gains_no_trust(cast: Cast) -> None:
    """The act is as sure as the less sure of both."""
    await cast.appointed(cast.wang)
    await cast.provider.http.post("/me/verifications", json={"bank_card": CARD.card}, headers=bearer(cast.wang))
    assert cast.provider.claims(await cast.acting(cast.li, cast.ids["wang"]))["assurance"] == 2
    self_asserted = cast.provider.service.issuer.token("person", "identity.appoint", assurance=1)
    assert_problem(await cast.appoint(self_asserted), 401, "assurance-too-low")


async def test_looking_people_up_by_naming_them_as_agents_is_stopped(cast: Cast) -> None:
    for _ in range(NAMED_PEOPLE_PER_PERSON.attempts):
        assert (await cast.appoint(cast.wang, agent=CHEN)).status_code == 422
    assert (await cast.appoint(cast.wang, agent=CHEN)).status_code == 429


def guardianship(**change: Any) -> dict[str, Any]:
    ward, guardian = ({"name": person.name, "citizen_id": person.citizen_id} for person in (LI, WANG))
    return {"ward": ward, "guardian": guardian, "record_number": "（2026）川1602民特12号", **change}


async def test_a_guardian_is_made_by_record_and_ended_by_record_alone(cast: Cast) -> None:
    http, admin = cast.provider.http, cast.provider.admin
    recorded = await http.post("/guardianships", json=guardianship(), headers=admin)
    assert (recorded.status_code, recorded.json()["made_by"], recorded.json()["ends_at"]) == (201, "record", None)
    assert_problem(await http.post("/guardianships", json=guardianship(), headers=admin), 409, "mandate-already-recorded")
    token = await cast.acting(cast.wang, cast.ids["li"])
    assert "certificates.own" in actor_from_claims(cast.provider.claims(token)).scopes
    for one in (cast.wang, cast.li):
        assert_problem(await cast.end(one, recorded.json()), 403, "ended-by-record-only")
    path = f"/mandates/{recorded.json()['id']}/end"
    assert (await http.post(path, headers={**admin, "If-Match": '"1"'})).json()["end_reason"] == "by_record"
    assert_problem(await cast.me(token), 401, "basis-ended")


async def test_people_cannot_enter_records(cast: Cast) -> None:
    assert (await cast.provider.http.post("/guardianships", json=guardianship(), headers=bearer(cast.wang))).status_code == 403
    assert (await cast.provider.http.post(f"/mandates/{uuid4()}/end", headers={**bearer(cast.wang), "If-Match": '"1"'})).status_code == 403


async def test_services_ask_what_holds_and_nobody_else_may(cast: Cast) -> None:
    mandate = await cast.appointed(cast.wang)
    now, other = f"mandate:{mandate['id']}:1", f"mandate:{mandate['id']}:2"
    service = cast.provider.service.as_("service", "identity.check.standing")
    query = f"/standings/held?of={now}&of={other}&of=post:{uuid4()}:1&of=representation:{uuid4()}:1"
    assert (await cast.provider.http.get(query, headers=service)).json() == {"holding": [now]}
    assert (await cast.provider.http.get(query, headers=bearer(cast.wang))).status_code == 403
    assert (await cast.provider.http.get("/standings/held?of=rubbish", headers=service)).status_code == 422
