"""Population base, legal-person base, bank channel, face service, message gateway: one small server that stands in for all five.

It answers whether claims belong together, as the real ones do, and gives nothing away beside that. `PUT /behaviour` makes all of it
misbehave on purpose, `PUT /behaviour/{source}` one source, for the callers' time limits, circuit breakers and fall-backs to be tried.
State lives in the app, so two apps in one process do not disturb each other.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from borders.records import CardRecord, FaceRecord, OrganisationRecord, PersonRecord

Status = Literal["match", "mismatch", "unknown"]
Source = Literal["population-base", "legal-person-base", "bank-channel", "face-service", "message-gateway"]
Mode = Literal["normal", "slow", "wrong", "down", "garbage", "contradictory", "stranger"]

_WRONG_ANSWER: dict[Status, Status] = {"match": "mismatch", "mismatch": "match", "unknown": "match"}
_GARBAGE = b'\xff\xfe<html>{"match": tr'


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Question(Message):
    """`reference` is the asker's own, repeated in the answer, so that nobody is judged by what was said of somebody else."""

    reference: str | None = Field(default=None, max_length=64)


class PersonQuestion(Question):
    """Does this citizen ID number belong to somebody of this name?"""

    name: str = Field(min_length=1, max_length=200)
    citizen_id: SecretStr = Field(min_length=18, max_length=18)


class OrganisationQuestion(Question):
    """Is this organisation registered under this code, with this legal representative?"""

    name: str = Field(min_length=1, max_length=200)
    uscc: str = Field(min_length=18, max_length=18)
    legal_representative_name: str | None = Field(default=None, min_length=1, max_length=200)
    legal_representative_citizen_id: SecretStr = Field(min_length=18, max_length=18)


class CardQuestion(PersonQuestion):
    """Do name, number, card and phone belong together (four factors)?"""

    card: SecretStr = Field(min_length=13, max_length=19)
    phone: SecretStr = Field(min_length=11, max_length=11)


class FaceQuestion(PersonQuestion):
    """Was the living face of this liveness check that of the person with this number?"""

    liveness_reference: str = Field(min_length=8, max_length=128)


class PhoneMessage(Message):
    """A text for somebody's phone."""

    phone: str = Field(pattern=r"^1[0-9]{10}$")
    text: str = Field(min_length=1, max_length=300)


class Answer(Message):
    """`unknown`: the source does not have it. `mismatch`: it has, with something else beside it."""

    match: bool
    status: Status
    reference: str | None = None


class Behaviour(Message):
    """How to answer: as asked, late by `delay_ms`, the opposite, refusing (503), with bytes that are no JSON, saying yes and no at
    once, or about somebody else than was asked."""

    mode: Mode = "normal"
    delay_ms: int = Field(default=0, ge=0, le=60_000)


def _current(source: Source) -> Callable[[Request], Behaviour]:
    def current(request: Request) -> Behaviour:
        of_all: Behaviour = request.app.state.behaviour
        of_source: Behaviour | None = request.app.state.behaviours.get(source)
        return of_source or of_all

    return current


PopulationBase = Annotated[Behaviour, Depends(_current("population-base"))]
LegalPersonBase = Annotated[Behaviour, Depends(_current("legal-person-base"))]
BankChannel = Annotated[Behaviour, Depends(_current("bank-channel"))]
FaceService = Annotated[Behaviour, Depends(_current("face-service"))]
MessageGateway = Annotated[Behaviour, Depends(_current("message-gateway"))]


def create_app(
    *,
    people: Iterable[PersonRecord],
    organisations: Iterable[OrganisationRecord],
    cards: Iterable[CardRecord] = (),
    faces: Iterable[FaceRecord] = (),
) -> FastAPI:
    """The stand-in, knowing exactly these; it starts with normal behaviour."""
    app = FastAPI(title="Bases, bank channel and face service (stand-in)", version="1")
    app.state.behaviour = Behaviour()
    app.state.behaviours = {}
    app.state.messages = []
    _add_behaviour(app)
    _add_messages(app)
    _add_bases(app, {record.citizen_id: record for record in people}, {record.uscc: record for record in organisations})
    _add_presence(app, {record.card: record for record in cards}, {record.liveness_reference: record for record in faces})
    return app


def _add_behaviour(app: FastAPI) -> None:
    @app.get("/behaviour")
    async def show_behaviour(request: Request) -> Behaviour:
        """How the stand-in behaves now, where a source has no behaviour of its own."""
        behaviour: Behaviour = request.app.state.behaviour
        return behaviour

    @app.put("/behaviour")
    async def set_behaviour(wanted: Behaviour, request: Request) -> Behaviour:
        """Make all sources behave so from the next question on."""
        request.app.state.behaviour = wanted
        request.app.state.behaviours = {}
        return wanted

    @app.put("/behaviour/{source}")
    async def set_behaviour_of_one(source: Source, wanted: Behaviour, request: Request) -> Behaviour:
        """Make one source behave so, whatever the others do."""
        request.app.state.behaviours[source] = wanted
        return wanted


def _add_bases(app: FastAPI, person_by_id: dict[str, PersonRecord], organisation_by_uscc: dict[str, OrganisationRecord]) -> None:
    @app.post("/verify-person", response_model=Answer)
    async def verify_person(question: PersonQuestion, current: PopulationBase) -> Response:
        """Compare a name with the one the population base holds for a citizen ID number."""
        record = person_by_id.get(question.citizen_id.get_secret_value().upper())
        return await _behaving(current, question, _status(record is not None, record is not None and record.name == question.name))

    @app.post("/verify-organisation", response_model=Answer)
    async def verify_organisation(question: OrganisationQuestion, current: LegalPersonBase) -> Response:
        """Compare an organisation's name and legal representative with what the legal-person base holds for its code."""
        record = organisation_by_uscc.get(question.uscc.upper())
        return await _behaving(current, question, _status(record is not None, record is not None and _agrees(record, question)))


def _add_presence(app: FastAPI, card_by_number: dict[str, CardRecord], face_by_reference: dict[str, FaceRecord]) -> None:
    @app.post("/verify-card", response_model=Answer)
    async def verify_card(question: CardQuestion, current: BankChannel) -> Response:
        """Compare all four factors with what the bank holds for the card."""
        record = card_by_number.get(question.card.get_secret_value())
        asked = (question.name, question.citizen_id.get_secret_value().upper(), question.phone.get_secret_value())
        held = (record.name, record.citizen_id, record.phone) if record else None
        return await _behaving(current, question, _status(record is not None, held == asked))

    @app.post("/verify-face", response_model=Answer)
    async def verify_face(question: FaceQuestion, current: FaceService) -> Response:
        """Compare the face of a finished liveness check with the photograph that belongs to the number."""
        record = face_by_reference.get(question.liveness_reference)
        is_same = record is not None and record.citizen_id == question.citizen_id.get_secret_value().upper()
        return await _behaving(current, question, _status(record is not None, is_same))


def _add_messages(app: FastAPI) -> None:
    @app.post("/messages", status_code=202)
    async def send(message: PhoneMessage, request: Request, current: MessageGateway) -> Response:
        """Keep a message as if it had been sent, once it is; the newest hundred are shown."""
        await asyncio.sleep(current.delay_ms / 1000)
        if current.mode != "normal":
            return JSONResponse({"title": "out of service"}, status_code=503, media_type="application/problem+json")
        request.app.state.messages[:-99] = []
        request.app.state.messages.append(message)
        return Response(status_code=202)

    @app.get("/messages")
    async def sent(request: Request) -> list[PhoneMessage]:
        """What was sent, oldest first."""
        messages: list[PhoneMessage] = request.app.state.messages
        return messages


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


async def _behaving(behaviour: Behaviour, question: Question, status: Status) -> Response:
    if behaviour.delay_ms:
        await asyncio.sleep(behaviour.delay_ms / 1000)
    if behaviour.mode == "down":
        return JSONResponse({"title": "out of service"}, status_code=503, media_type="application/problem+json")
    if behaviour.mode == "garbage":
        return Response(_GARBAGE, media_type="application/json")
    if behaviour.mode == "wrong":
        status = _WRONG_ANSWER[status]
    is_match = (status == "match") is not (behaviour.mode == "contradictory")
    reference = uuid4().hex if behaviour.mode == "stranger" else question.reference
    return JSONResponse(Answer(match=is_match, status=status, reference=reference).model_dump(exclude_none=True))
