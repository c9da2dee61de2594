"""Ids that exist: without them a fuzzer only ever sees 404.

Four journeys are left standing at different places (drafted, submitted, accepted, finished), so that every kind of record is there in
every state, and requests reach the rules behind the look-up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from host.demo.journey import Journey
from host.demo.sign_in import CALLBACK, CLIENT
from host.demo.story import ACCEPTED, DECIDED, Story
from tests.support.suite import RunningSuite, journey_through

STOPS = ("upload", "accept", "review", "track")
"""The first step that is not taken, of each journey."""


@dataclass(frozen=True, slots=True)
class Known:
    """Values of path parameters and of body members by name; the organisation that the journeys were made for; a review to be done."""

    organisation_id: str
    open_task_id: str
    parameters: Mapping[str, Sequence[str]]
    members: Mapping[str, Sequence[Any]]

    def parameters_of(self, names: Iterable[str]) -> st.SearchStrategy[dict[str, str]]:
        """Values that exist for those of these path parameters that have any."""
        return st.fixed_dictionaries({name: st.sampled_from(self.parameters[name]) for name in names if self.parameters.get(name)})

    def all_members(self) -> st.SearchStrategy[dict[str, Any]]:
        """A value that exists for every body member that has any."""
        return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in self.members.items()})


async def make_known(suite: RunningSuite) -> Known:
    """Walk the journeys and gather what they made."""
    stories: list[Story] = []
    for stop in STOPS[:-1]:
        async with journey_through(suite, up_to=stop) as journey:
            stories.append(journey.story)
            await journey.unsubscribe()
    async with journey_through(suite, up_to=STOPS[-1]) as journey:
        stories.append(journey.story)
        await journey.unsubscribe()
        return Known(
            organisation_id=journey.story.organisation_id,
            open_task_id=(await _tasks(journey, "reviewer", "open"))[0],
            parameters=await _parameters(journey, stories),
            members=await _members(journey, stories),
        )


async def _tasks(journey: Journey, who: str, state: str) -> list[str]:
    return [task["id"] async for task in journey.rows(f"/api/approval/v1/tasks?state={state}", await journey.token(who))]


async def _parameters(journey: Journey, stories: Sequence[Story]) -> dict[str, list[str]]:
    cast, finished = journey.cast, stories[-1]
    queues = [await _tasks(journey, who, state) for who in ("reviewer", "decider") for state in ("open", "claimed", "completed")]
    deliveries = [
        row["id"]
        async for row in journey.rows(f"/api/exchange/v1/subscriptions/{journey.subscription}/deliveries", await journey.token("system"))
    ]
    held = [row["id"] async for row in journey.rows("/api/certificates/v1/wallet", await journey.token("organisation"))]
    return {
        "application_id": [story.application_id for story in stories],
        "key": [*finished.asked, *(material.key for material in cast.item.materials)],
        "number": [story.receipt_number for story in stories if story.receipt_number],
        "code": [finished.tracking_code, str(cast.item.result_certificate_type)],
        "case_id": [story.case_id for story in stories if story.case_id],
        "task_id": [task for queue in queues for task in queue[:3]],
        "certificate_id": [finished.certificate_id, *held[:2]],
        "identifier": [finished.certificate_identifier],
        "event_id": list(finished.events.values()),
        "delivery_id": deliveries[:3],
        "level": ["0"],
        "index": ["000", "000.p/1"],
        "local_code": [cast.item_code],
        "version_id": [finished.item_version_id],
        "year": ["2026", "2027"],
        "subject_id": [finished.person_id, finished.organisation_id],
        "name": [journey.subscription],
    }


async def _members(journey: Journey, stories: Sequence[Story]) -> dict[str, list[Any]]:
    cast, finished = journey.cast, stories[-1]
    place = f"/api/certificates/v1/certificates/{finished.certificate_id}/jws"
    signed = await journey.gateway.call("GET", place, token=await journey.token("organisation"))
    return {
        "item_code": [cast.item_code],
        "application_id": [story.application_id for story in stories],
        "type_codes": [[str(material.certificate_type)] for material in cast.item.materials if material.certificate_type],
        "form": [cast.form, {}],
        "situation": [cast.situation, {}],
        "answers": [cast.situation, {}],
        "uscc": [cast.organisation.uscc],
        "citizen_id": [cast.citizen.citizen_id],
        "name": [cast.citizen.name, cast.organisation.name],
        "jws": [signed.text],
        "event_types": [["*"], [ACCEPTED, DECIDED]],
        "url": ["http://127.0.0.1:9/"],
        "client_id": [CLIENT],
        "redirect_uri": [CALLBACK],
        "response_type": ["code"],
        "code_challenge_method": ["S256"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "login": [cast.citizen.phone],
        "password": [cast.password],
        "acting_for": [finished.organisation_id],
    }
