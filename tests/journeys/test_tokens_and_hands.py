"""Whose hands may do what: forged tokens, replayed requests, people who may not decide."""

import pytest

from host.demo.journey import STEPS
from tests.journeys.bad_requests import Bad, Outsiders, broken_bodies, fresh_key, refused, seen, wrong_tokens
from tests.support.suite import RunningSuite, journey_through

pytestmark = pytest.mark.xdist_group("suite-single")

IDENTITY, INTAKE, APPROVAL = "/api/identity/v1", "/api/intake/v1", "/api/approval/v1"
CERTIFICATES, EXCHANGE = "/api/certificates/v1", "/api/exchange/v1"


async def test_no_forged_or_missing_token_opens_anything(single: RunningSuite) -> None:
    async with journey_through(single, up_to="submit") as journey:
        application = f"{INTAKE}/applications/{journey.story.application_id}"
        genuine = await journey.token("organisation")
        before = await seen(journey)
        for method, path in (
            ("GET", f"{IDENTITY}/me"),
            ("POST", f"{IDENTITY}/organisations"),
            ("GET", application),
            ("POST", f"{application}/submit"),
            ("GET", f"{INTAKE}/window/applications"),
            ("GET", f"{APPROVAL}/tasks"),
            ("GET", f"{CERTIFICATES}/wallet"),
            ("PUT", f"{EXCHANGE}/subscriptions/bad"),
        ):
            for bad in wrong_tokens(Bad(f"{method} {path}", method, path, None, 401, {"If-Match": '"1"'}, {"json": {}}), genuine):
                await refused(journey, Outsiders(single, journey), bad)
        assert await seen(journey) == before
        await journey.unsubscribe()


async def test_a_replayed_request_repeats_its_answer_and_another_under_its_key_is_refused(single: RunningSuite) -> None:
    async with journey_through(single, up_to="submit") as journey:
        token, key = await journey.token("organisation"), fresh_key()
        path, etag = f"{INTAKE}/applications/{journey.story.application_id}/submit", journey.story.application_etag
        headers = {"Authorization": f"Bearer {token}", "If-Match": etag, **key}
        first = await journey.http.post(path, headers=headers)
        again = await journey.http.post(path, headers=headers)
        assert (first.status_code, again.status_code, first.content) == (200, 200, again.content)
        assert again.headers["idempotent-replay"] == "true"
        other = await journey.http.post(path, headers={**headers, "If-Match": '"77"'})
        assert (other.status_code, other.json()["type"]) == (422, "urn:tongban:problem:idempotency-key-reused")
        assert (await journey.http.post(path, headers={**headers, **fresh_key()})).status_code == 409
        await journey.unsubscribe()


async def test_nobody_decides_what_they_reviewed_or_what_is_not_theirs(single: RunningSuite) -> None:
    async with journey_through(single, up_to="decide") as journey:
        outsiders = Outsiders(single, journey)
        rows = journey.rows(f"{APPROVAL}/tasks?state=open", await journey.token("decider"))
        (task,) = [row async for row in rows if row["case_id"] == journey.story.case_id]
        claim, complete = f"{APPROVAL}/tasks/{task['id']}/claim", f"{APPROVAL}/tasks/{task['id']}/complete"
        etag, grant = {"If-Match": f'"{task["version"]}"'}, {"json": {"outcome": "grant"}}
        attempts = [
            Bad("the reviewer claims", "POST", claim, "reviewer", (403, 409)),
            Bad("another department claims", "POST", claim, "another department's reviewer", 404),
            Bad("another department decides", "POST", complete, "another department's reviewer", 404, etag, grant),
            Bad("decided without a claim", "POST", complete, "decider", (403, 409), etag, grant),
            Bad("decided without a version", "POST", complete, "decider", 428, content=grant),
            Bad("no outcome", "POST", complete, "decider", 422, etag, {"json": {"outcome": "perhaps"}}),
            *broken_bodies(Bad("decide", "POST", complete, "decider", 422, etag, grant)),
        ]
        for bad in attempts:
            await refused(journey, outsiders, bad)
        token = await journey.token("decider")
        claimed = await journey.gateway.call("POST", claim, token=token)
        seen = {"If-Match": claimed.headers["etag"]}
        await refused(
            journey, outsiders, Bad("refused without reasons", "POST", complete, "decider", 422, seen, {"json": {"outcome": "refuse"}})
        )
        await refused(journey, outsiders, Bad("an old version", "POST", complete, "decider", 412, {"If-Match": '"0"'}, grant))
        assert await journey.take(next(step for step in STEPS if step.key == "decide"))
        await refused(journey, outsiders, Bad("decided again", "POST", complete, "decider", (409, 412), seen, grant))
        await journey.unsubscribe()
