"""A toy service to put behind the gateway: it notes what reached it and answers with that, unless a test says otherwise."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

Behaviour = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the service got it."""

    method: str
    raw_path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.headers}


class Toy:
    """An ASGI app. A behaviour belongs to a decoded path; it reads and answers by itself and is not noted in `seen`; nor is /readyz."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._behaviours: dict[str, Behaviour] = {}

    def forget(self) -> None:
        """As new: nothing seen, no behaviours."""
        self.seen.clear()
        self._behaviours.clear()

    def on(self, path: str, behaviour: Behaviour) -> None:
        self._behaviours[path] = behaviour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        otherwise = replying(200, b"{}") if scope["path"] == "/readyz" else self._tell
        await self._behaviours.get(scope["path"], otherwise)(scope, receive, send)

    async def _tell(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_all(receive)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        seen = Seen(scope["method"], scope["raw_path"].decode(), scope["query_string"].decode(), headers, body)
        self.seen.append(seen)
        answer = orjson.dumps({"method": seen.method, "path": seen.raw_path, "query": seen.query, "body_bytes": len(body)})
        await reply(send, 200, answer, ("content-type", "application/json"))


async def read_all(receive: Receive) -> bytes:
    """The body of a request. Raises ConnectionResetError when it breaks off."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def start(send: Send, status: int, *headers: tuple[str, str]) -> None:
    """The head of an answer, as it is: nothing is added."""
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


async def piece(send: Send, body: bytes, *, is_last: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": not is_last})


async def reply(send: Send, status: int, body: bytes, *headers: tuple[str, str]) -> None:
    """A whole answer, with its length."""
    await start(send, status, *headers, ("content-length", str(len(body))))
    await piece(send, body, is_last=True)


def replying(status: int, body: bytes, *headers: tuple[str, str]) -> Behaviour:
    """A behaviour that always answers this."""

    async def behave(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await reply(send, status, body, *headers)

    return behave


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    """A behaviour that answers nothing until whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
