"""Heads of answers, written. Which headers pass and which are added depends on names alone, and on what `Connection` names; and services
say the same names again and again. So the rules (`gateway.headers.answered`, `GatewayEdge.marked`) are asked once for each shape of head.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chassis.context import RequestContext
from gateway.headers import BODILESS, Headers

_MOST_SHAPES = 1024
_PLACE = b"\0"
"""What marks a place where a value stands: no header's value can have it."""

Rules = Callable[[Headers, int, Headers], Headers]
"""The headers that the client is given of a service's, for a status, with those of this request alone; the last two are its ids."""


@dataclass(slots=True, eq=False)
class Names:
    """The names of one head, in order, as they came, and where some are."""

    all: tuple[bytes, ...]
    codings: tuple[int, ...]
    connections: tuple[int, ...]
    content_type: int
    """-1: there is none."""
    has_length: bool


@lru_cache(maxsize=1024)
def names_of(names: tuple[bytes, ...]) -> Names:
    lowered = [name.lower() for name in names]
    codings, connections = (
        tuple(place for place, name in enumerate(lowered) if name == wanted) for wanted in (b"transfer-encoding", b"connection")
    )
    content_type = lowered.index(b"content-type") if b"content-type" in lowered else -1
    return Names(names, codings, connections, content_type, b"content-length" in lowered)


@dataclass(slots=True)
class Shape:
    """What is written for a head: of the values received those of `kept`, each after its name; then what is the same for all."""

    kept: tuple[tuple[int, bytes], ...]
    before_own: bytes
    after_own: bytes
    is_chunked: bool


class AnswerHeads:
    """Writes heads as `rules` have them."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._shapes: dict[tuple[Names, bool, tuple[bytes, ...]], Shape] = {}

    def shape(self, names: Names, values: Sequence[bytes], status: int) -> Shape:
        key = (names, status in BODILESS, tuple([values[place] for place in names.connections]))
        found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            found = self._shapes[key] = self._shaped(names, values, status)
        return found

    def _shaped(self, names: Names, values: Sequence[bytes], status: int) -> Shape:
        """Ask the rules about a head whose values are their own places."""
        places = [value if place in names.connections else b"%b%d" % (_PLACE, place) for place, value in enumerate(values)]
        own = (b"", b"")
        passed = self._rules(list(zip(names.all, places, strict=True)), status, [own])
        at = passed.index(own)
        kept = tuple((int(value[1:]), name + b": ") for name, value in passed[:at] if value.startswith(_PLACE))
        ours = [pair for pair in passed[:at] if not pair[1].startswith(_PLACE)]
        has_length = any(name == b"content-length: " for _, name in kept)
        return Shape(kept, _lines(ours), _lines(passed[at + 1 : -2]), not has_length and status not in BODILESS)


def _lines(headers: Headers) -> bytes:
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def written(
    status: int, shape: Shape, values: Sequence[bytes], own: Headers, request: RequestContext, dated: bytes, *, keep_alive: bool
) -> list[bytes]:
    """The head in pieces. `dated` is the block of headers that every answer begins with."""
    parts = [STATUS_LINE[status], dated]
    for place, name in shape.kept:
        parts += (name, values[place], b"\r\n")
    parts.append(shape.before_own)
    for name, value in own:
        parts += (name, b": ", value, b"\r\n")
    parts += (shape.after_own, b"x-request-id: ", request.request_id.encode(), b"\r\ntraceparent: ", request.traceparent.encode())
    if not keep_alive:
        parts.append(b"\r\nconnection: close")
    parts.append(b"\r\ntransfer-encoding: chunked\r\n\r\n" if shape.is_chunked else b"\r\n\r\n")
    return parts
