"""The other services, as far as one service's tests need them: answers by method and path, or an outage."""

from collections.abc import Awaitable, Callable
import inspect
import re
from typing import Any

import orjson

from chassis.http import Answer, Request, TransportFailed

Responder = Callable[[Request], Answer | Awaitable[Answer]]


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, {"content-type": "application/json", **headers}, orjson.dumps(body, default=str))


class Peers:
    """A transport whose peers answer what the test says. A path pattern is a full-match regular expression below /api/<peer>/v1."""

    def __init__(self) -> None:
        self._rules: list[tuple[str, str, re.Pattern[str], Responder]] = []
        self._down: set[str] = set()
        self.requests: list[tuple[str, Request]] = []

    def on(self, method: str, peer: str, path: str, respond: Responder | Answer | Any) -> None:
        """Later rules win. A plain value is answered as JSON with 200."""
        responder: Responder = (
            respond if callable(respond) else (lambda _: respond) if isinstance(respond, Answer) else (lambda _: answer(respond))
        )
        self._rules.insert(0, (method, peer, re.compile(path), responder))

    def take_down(self, peer: str) -> None:
        self._down.add(peer)

    def bring_back(self, peer: str) -> None:
        self._down.discard(peer)

    async def send(self, peer: str, request: Request) -> Answer:
        self.requests.append((peer, request))
        if peer in self._down:
            raise TransportFailed("taken down by the test", is_sent=False)
        path = request.path.removeprefix(f"/api/{peer}/v1")
        for method, of_peer, pattern, responder in self._rules:
            if method == request.method and of_peer == peer and pattern.fullmatch(path):
                found = responder(request)
                return await found if inspect.isawaitable(found) else found
        document = {"type": "urn:tongban:problem:not-found", "title": f"no rule for {request.method} {peer} {path}", "status": 404}
        return answer(document, 404)

    async def close(self) -> None:
        """Nothing is open."""
