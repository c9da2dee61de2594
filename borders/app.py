"""The population base and the legal-person base, as one small server that stands in for both.

It answers whether a name and a number belong together, as the real ones do, and gives nothing away beside that.
`PUT /behaviour` makes it misbehave on purpose, for the callers' time limits, circuit breakers and fall-backs to be tried.
State lives in the app, so two apps in one process do not disturb each other.
"""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from borders.records import OrganisationRecord, PersonRecord

Status = Literal["match", "mismatch", "unknown"]
Mode = Literal["normal", "slow", "wrong", "down", "garbage"]

_WRONG_ANSWER: dict[Status, Status] = {"match": "mismatch", "mismatch": "match", "unknown": "match"}
_GARBAGE = b'\xff\xfe<html>{"match": tr'


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonQuestion(Message):
    """Does this citizen ID number belong to somebody of this name?"""

    name: str = Field(min_length=1, max_length=200)
    citizen_id: SecretStr = Field(min_length=18, max_length=18)


class OrganisationQuestion(Message):
    """Is this organisation registered under this code, with this legal representative?"""

    name: str = Field(min_length=1, max_length=200)
    uscc: str = Field(min_length=18, max_length=18)
    legal_representative_name: str | None = Field(default=None, min_length=1, max_length=200)
    legal_representative_citizen_id: SecretStr = Field(min_length=18, max_length=18)


class Answer(Message):
    """`unknown`: the number is not in the base. `mismatch`: it is, with something else beside it."""

    match: bool
    status: Status


class Behaviour(Message):
    """How to answer: as asked, late by `delay_ms`, the opposite, refusing (503), or with bytes that are no JSON."""

    mode: Mode = "normal"
    delay_ms: int = Field(default=0, ge=0, le=60_000)


async def _current(request: Request) -> Behaviour:
    current: Behaviour = request.app.state.behaviour
    return current


Current = Annotated[Behaviour, Depends(_current)]


def create_app(*, people: Iterable[PersonRecord], organisations: Iterable[OrganisationRecord]) -> FastAPI:
    """The stand-in, knowing exactly these people and organisations; it starts with normal behaviour."""
    app = FastAPI(title="Population base and legal-person base (stand-in)", version="1")
    person_by_id = {record.citizen_id: record for record in people}
    organisation_by_uscc = {record.uscc: record for record in organisations}
    app.state.behaviour = Behaviour()

    @app.get("/behaviour")
    async def show_behaviour(current: Current) -> Behaviour:
        """How the stand-in behaves now."""
        return current

    @app.put("/behaviour")
    async def set_behaviour(wanted: Behaviour) -> Behaviour:
        """Make the stand-in behave so from the next question on."""
        app.state.behaviour = wanted
        return wanted

    @app.post("/verify-person", response_model=Answer)
    async def verify_person(question: PersonQuestion, current: Current) -> Response:
        """Compare a name with the one the population base holds for a citizen ID number."""
        record = person_by_id.get(question.citizen_id.get_secret_value().upper())
        return await _behaving(current, _status(record is not None, record is not None and record.name == question.name))

    @app.post("/verify-organisation", response_model=Answer)
    async def verify_organisation(question: OrganisationQuestion, current: Current) -> Response:
        """Compare an organisation's name and legal representative with what the legal-person base holds for its code."""
        record = organisation_by_uscc.get(question.uscc.upper())
        return await _behaving(current, _status(record is not None, record is not None and _agrees(record, question)))

    return app


def _agrees(record: OrganisationRecord, question: OrganisationQuestion) -> bool:
    return (
        record.name == question.name
        and record.legal_representative_citizen_id == question.legal_representative_citizen_id.get_secret_value().upper()
        and question.legal_representative_name in (None, record.legal_representative_name)
    )


def _status(is_known: bool, agrees: bool) -> Status:
    if not is_known:
        return "unknown"
    return "match" if agrees else "mismatch"


async def _behaving(behaviour: Behaviour, status: Status) -> Response:
    if behaviour.delay_ms:
        await asyncio.sleep(behaviour.delay_ms / 1000)
    if behaviour.mode == "down":
        return JSONResponse({"title": "out of service"}, status_code=503, media_type="application/problem+json")
    if behaviour.mode == "garbage":
        return Response(_GARBAGE, media_type="application/json")
    if behaviour.mode == "wrong":
        status = _WRONG_ANSWER[status]
    return JSONResponse(Answer(match=status == "match", status=status).model_dump())
