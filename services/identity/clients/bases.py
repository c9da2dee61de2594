"""The population base and the legal-person base at the border: does this claim agree with what they know?

One time budget in all, no retries (the base is slow when it is in trouble, and a person is waiting), a breaker for each base.
Whatever is not a clear answer in time is `unreachable`; the numbers sent are never logged.
"""

import time
from typing import Literal

import orjson
from pydantic import BaseModel, ValidationError

from chassis.http import Breaker, Request, Transport, TransportFailed
from chassis.logs import get_logger
from services.identity.rules.people import Finding

log = get_logger("tongban.identity.bases")


class _BaseAnswer(BaseModel):
    status: Literal["match", "mismatch", "unknown"]


class _Base:
    def __init__(self, transport: Transport, name: str, url: str | None, seconds: float) -> None:
        self._transport = transport
        self._name = name
        self._url = url.rstrip("/") if url else None
        self._seconds = seconds
        self._breaker = Breaker(threshold=5, cooldown=5.0)

    async def ask(self, path: str, claim: dict[str, str]) -> Finding:
        if self._url is None or not self._breaker.allows(time.monotonic()):
            return "unreachable"
        request = Request("POST", self._url, path, {"content-type": "application/json"}, orjson.dumps(claim), self._seconds)
        finding: Finding = "unreachable"
        try:
            answer = await self._transport.send(self._name, request)
            if answer.status == 200:
                finding = _BaseAnswer.model_validate_json(answer.body).status
            else:
                log.warning("base refused", base=self._name, status=answer.status)
        except TransportFailed as failure:
            log.warning("base unreachable", base=self._name, reason=str(failure))
        except ValidationError:
            log.warning("base answered something else", base=self._name)
        self._breaker.record(finding != "unreachable", time.monotonic())
        return finding


class Bases:
    """Both bases, over one pool of connections."""

    def __init__(self, transport: Transport, *, population_base_url: str | None, legal_person_base_url: str | None, seconds: float) -> None:
        self._population = _Base(transport, "population-base", population_base_url, seconds)
        self._legal_person = _Base(transport, "legal-person-base", legal_person_base_url, seconds)

    async def verify_person(self, *, name: str, citizen_id: str) -> Finding:
        """Whether the name and the number belong together."""
        return await self._population.ask("/verify-person", {"name": name, "citizen_id": citizen_id})

    async def verify_organisation(self, *, name: str, uscc: str, representative_name: str, representative_citizen_id: str) -> Finding:
        """Whether the name and code belong together and this person is the legal representative."""
        claim = {
            "name": name,
            "uscc": uscc,
            "legal_representative_name": representative_name,
            "legal_representative_citizen_id": representative_citizen_id,
        }
        return await self._legal_person.ask("/verify-organisation", claim)
