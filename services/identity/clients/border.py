"""One system at the border that says whether a claim agrees with what it knows.

No retries (it is slow when it is in trouble, and a person is waiting); a breaker that all requests of the process share: after five
failures in a row it is left alone for five seconds, then one request is let through to see. Only an answer in time that is well
formed, does not contradict itself and repeats our reference is believed; anything else is `unreachable`. Claims are never logged.
"""

from collections.abc import Callable
import time
from typing import Literal
from uuid import uuid4

import orjson
from pydantic import BaseModel, ValidationError

from chassis.http import Breaker, Request, Transport, TransportFailed
from chassis.logs import get_logger
from services.identity.rules.people import Finding

log = get_logger("tongban.identity.border")


class _Answer(BaseModel):
    status: Literal["match", "mismatch", "unknown"]
    match: bool
    reference: str


class BorderSource:
    """`url` None: there is no such system here, and every question finds it unreachable. `now` is in seconds and never goes back."""

    def __init__(self, transport: Transport, name: str, url: str | None, path: str, now: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._name = name
        self._url = url.rstrip("/") if url else None
        self._path = path
        self._now = now
        self._breaker = Breaker(threshold=5, cooldown=5.0)

    @property
    def is_worth_asking(self) -> bool:
        """False where there is none, and while it is left alone; not a promise, and no trial is spent."""
        return self._url is not None and not self._breaker.is_open(self._now())

    async def ask(self, claim: dict[str, str], *, seconds: float) -> Finding:
        if self._url is None or not self._breaker.allows(self._now()):
            return "unreachable"
        reference = uuid4().hex
        body = orjson.dumps({**claim, "reference": reference})
        request = Request("POST", self._url, self._path, {"content-type": "application/json"}, body, seconds)
        finding = await self._send(request, reference)
        self._breaker.record(finding != "unreachable", self._now())
        return finding

    async def _send(self, request: Request, reference: str) -> Finding:
        try:
            answer = await self._transport.send(self._name, request)
            if answer.status != 200:
                log.warning("source refused", source=self._name, status=answer.status)
                return "unreachable"
            said = _Answer.model_validate_json(answer.body)
        except TransportFailed as failure:
            log.warning("source unreachable", source=self._name, reason=str(failure))
            return "unreachable"
        except ValidationError:
            log.warning("source answered something else", source=self._name)
            return "unreachable"
        if said.reference != reference or said.match is not (said.status == "match"):
            log.warning("source is not to be believed", source=self._name, is_about_us=said.reference == reference)
            return "unreachable"
        return said.status
