"""HTTP between services: one client, the same in both shapes.

Deadlines travel (`X-Deadline-Ms`, milliseconds left); pools are bounded; only calls that are safe to repeat are repeated; a peer
that keeps failing is left alone for a while (breaker). A peer's 4xx problem becomes the same problem here; its 5xx is `Unavailable`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import random
import time
from typing import Any, Protocol

import orjson

from chassis import context
from chassis.dpop import PASSED_ON_BY, is_bound
from chassis.problems import PROBLEM_TYPE, Conflict, DeadlineExceeded, Forbidden, Invalid, NotFound, Problem, Text, Unavailable

DEADLINE_HEADER = "x-deadline-ms"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_TRY_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    base_url: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class TransportFailed(Exception):
    """No answer: not reached, broken off, or too late. `is_sent` says the peer may have seen the request."""

    def __init__(self, reason: str, *, is_sent: bool) -> None:
        super().__init__(reason)
        self.is_sent = is_sent


class Transport(Protocol):
    """Carries one request to a peer: over the network, or straight into its app."""

    async def send(self, peer: str, request: Request) -> Answer:
        """Raises TransportFailed."""
        ...

    async def close(self) -> None: ...


class PeerRefused(Problem):
    """A peer's 4xx, passed on with its type, texts and facts."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__()
        self.status = status  # type: ignore[misc]
        self._document = dict(document)
        self.slug = str(document.get("type", "")).removeprefix(PROBLEM_TYPE)  # type: ignore[misc]

    def body(self, language: context.Language, request_id: str | None) -> bytes:
        return orjson.dumps({**self._document, "request_id": request_id})


class PeerNotFound(PeerRefused, NotFound): ...


class PeerForbidden(PeerRefused, Forbidden): ...


class PeerConflict(PeerRefused, Conflict): ...


class PeerInvalid(PeerRefused, Invalid): ...


_REFUSALS: dict[int, type[PeerRefused]] = {403: PeerForbidden, 404: PeerNotFound, 409: PeerConflict, 422: PeerInvalid}


class PeerUnavailable(Unavailable):
    slug = "peer-unavailable"
    detail = Text(
        "系统的“{peer}”部分暂时不可用，请稍后再试；您的内容没有丢失。",
        "The part “{peer}” is down for now; try again shortly. Nothing was lost.",
    )


@dataclass(slots=True)
class Breaker:
    """Opens after `threshold` failures in a row; lets one trial through after `cooldown` seconds."""

    threshold: int = 5
    cooldown: float = 2.0
    failures: int = 0
    opened_at: float = field(default=0.0)

    def allows(self, now: float) -> bool:
        if self.failures < self.threshold:
            return True
        if now - self.opened_at >= self.cooldown:
            self.opened_at = now
            return True
        return False

    def is_open(self, now: float) -> bool:
        """Whether `allows` would refuse; asking this uses up no trial."""
        return self.failures >= self.threshold and now - self.opened_at < self.cooldown

    def record(self, is_success: bool, now: float) -> None:
        self.failures = 0 if is_success else self.failures + 1
        if self.failures == self.threshold:
            self.opened_at = now


class TokenSource(Protocol):
    """Gives this service's own access token."""

    async def token(self) -> str: ...

    def forget(self) -> None: ...


class HttpClient:
    """Calls peers by name: `await http.get("things", "/shelves/…")` reaches `/api/things/v1/shelves/…`."""

    def __init__(self, transport: Transport, peers: Mapping[str, str], *, tokens: TokenSource | None = None, attempts: int = 3) -> None:
        self._transport = transport
        self._peers = peers
        self._breakers: dict[str, Breaker] = {}
        self._attempts = attempts
        self.tokens = tokens

    async def get(self, peer: str, path: str, *, token: str | None = None, as_service: bool = False, timeout: float = 5.0) -> Answer:
        return await self.call("GET", peer, path, token=token, as_service=as_service, timeout=timeout)

    async def post(
        self, peer: str, path: str, body: Any, *, token: str | None = None, as_service: bool = False,
        idempotency_key: str | None = None, timeout: float = 5.0,
    ) -> Answer:  # fmt: skip
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        return await self.call(
            "POST", peer, path, body=orjson.dumps(body, default=str), headers=headers, token=token, as_service=as_service, timeout=timeout
        )

    async def call(
        self, method: str, peer: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
        token: str | None = None, as_service: bool = False, timeout: float = 5.0,
    ) -> Answer:  # fmt: skip
        """The peer's 2xx or 3xx answer.

        `token` passes a caller's token on; `as_service` uses this service's own. Raises PeerRefused for a 4xx (NotFound,
        Forbidden, Conflict and Invalid where it was one), PeerUnavailable, DeadlineExceeded.
        """
        may_repeat = method in SAFE_METHODS or "idempotency-key" in (headers or {})
        give_up = time.monotonic() + self._time_left(timeout)
        attempt = 0
        while True:
            attempt += 1
            answer = await self._once(method, peer, path, body, headers or {}, token, as_service, give_up, may_repeat=may_repeat)
            is_last = attempt >= self._attempts or (answer is not None and not may_repeat)
            if answer is not None and answer.status == 401 and as_service and self.tokens is not None:
                self.tokens.forget()
                if attempt == 1:
                    continue
                raise PeerUnavailable(peer=peer)  # our own standing is not the caller's mistake
            if answer is not None and answer.status in _TRY_LATER:
                raise PeerUnavailable(peer=peer)
            if answer is not None and answer.status < 500:
                return _accepted(answer)
            if is_last:
                raise PeerUnavailable(peer=peer)
            pause = random.uniform(0.02, 0.05) * 2**attempt
            if time.monotonic() + pause >= give_up:
                raise PeerUnavailable(peer=peer)
            await asyncio.sleep(pause)

    async def _once(
        self, method: str, peer: str, path: str, body: bytes, headers: Mapping[str, str],
        token: str | None, as_service: bool, give_up: float, *, may_repeat: bool,
    ) -> Answer | None:  # fmt: skip
        left = give_up - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded()
        sent = {**headers, DEADLINE_HEADER: str(int(left * 1000))}
        if body:
            sent.setdefault("content-type", "application/json")
        if as_service and self.tokens is not None:
            token = await self.tokens.token()
        if token:
            sent["authorization"] = f"Bearer {token}"
            if not as_service and self.tokens is not None and is_bound(token):
                sent[PASSED_ON_BY] = await self.tokens.token()
        # Asked last: fetching our own token may itself be the trial call the issuer's breaker lets through.
        breaker = self._breakers.setdefault(peer, Breaker())
        if not breaker.allows(time.monotonic()):
            raise PeerUnavailable(peer=peer)
        request_context = context.current()
        if request_context is not None:
            sent["x-request-id"] = request_context.request_id
            sent["traceparent"] = context.child_traceparent(request_context.traceparent)
            sent["accept-language"] = request_context.language
        request = Request(method, self._peers.get(peer, ""), f"/api/{peer}/v1{path}", sent, body, left)
        try:
            answer = await self._transport.send(peer, request)
        except TransportFailed as failure:
            breaker.record(False, time.monotonic())
            if failure.is_sent and not may_repeat:
                raise PeerUnavailable(peer=peer) from failure
            return None
        breaker.record(answer.status < 500, time.monotonic())
        return answer

    def _time_left(self, timeout: float) -> float:
        request_context = context.current()
        remaining = request_context.remaining() if request_context else None
        return timeout if remaining is None else min(timeout, remaining)

    async def close(self) -> None:
        await self._transport.close()


def _accepted(answer: Answer) -> Answer:
    if answer.status < 400:
        return answer
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    document.setdefault("title", "refused")
    document.setdefault("status", answer.status)
    raise _REFUSALS.get(answer.status, PeerRefused)(answer.status, document)
