"""One line for each request: who (as kind and account id, never a name or number), which way, what came of it, how long.

Paths appear as route templates; queries, headers and bodies never. For machines lines are written by the batch, since a log call for
each costs a fifth of a request: a kill loses the last `FLUSH_SECONDS`.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
import sys
import time
from typing import Any, Protocol

import orjson

from chassis import context
from chassis.actor import Actor
from chassis.logs import get_logger
from gateway.memo import Memo
from gateway.templates import Templates

log = get_logger("tongban.access")
_LEVEL = logging.getLogger("tongban.access")
_UNLOGGED = frozenset(("/healthz", "/readyz", "/metrics"))
FLUSH_SECONDS = 0.2
_MOST_BEGINNINGS = 8_192


class Told(Protocol):
    """A request that is over. `status` 499: the client left; `route` is what metrics call it, `is_routed` whether it led anywhere."""

    @property
    def path(self) -> str: ...

    @property
    def route(self) -> str: ...

    @property
    def is_routed(self) -> bool: ...

    @property
    def source(self) -> str | None: ...

    method: str
    status: int
    seconds: float
    request: context.RequestContext
    actor: Actor | None


@dataclass(slots=True)
class Ended:
    """`Told` of what passed through the app."""

    method: str
    path: str
    route: str
    is_routed: bool
    status: int
    seconds: float
    request: context.RequestContext
    source: str | None
    actor: Actor | None


class AccessLog:
    """Writes the lines. `templates` names the routes; `for_machines`: JSON, by the batch, to standard error."""

    def __init__(self, templates: Templates, *, for_machines: bool) -> None:
        self._templates = templates
        self._for_machines = for_machines
        self._lines: list[str] = []
        self._beginnings: Memo[str] = Memo(_MOST_BEGINNINGS)
        self._second, self._second_told = 0, ""

    def write(self, told: Told, sent: int, first_byte: float | None) -> None:
        """`first_byte` is in seconds since the request's head was read."""
        if not _LEVEL.isEnabledFor(logging.INFO) or told.path in _UNLOGGED:
            return
        first_ms, ms = None if first_byte is None else first_byte * 1000, told.seconds * 1000
        request_id, trace_id = told.request.request_id, told.request.traceparent[3:35]
        if not self._for_machines:
            first_ms = None if first_ms is None else round(first_ms, 2)
            own = {"bytes": sent, "first_byte_ms": first_ms, "ms": round(ms, 2), "request_id": request_id, "trace_id": trace_id}
            log.info("access", **self._facts(told), **own)
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        key = (told.method, told.path, told.status, told.source, told.actor and told.actor.raw_token)
        beginning = self._beginnings.get(key)
        if beginning is None:
            known = {"event": "access", "level": "info", "logger": "tongban.access"}
            beginning = self._beginnings[key] = orjson.dumps(known | self._facts(told))[:-1].decode()
        first = "null" if first_ms is None else f"{first_ms:.2f}"
        self._lines.append(
            f'{beginning},"bytes":{sent},"first_byte_ms":{first},"ms":{ms:.2f},"request_id":"{request_id}","trace_id":"{trace_id}",'
            f'"timestamp":"{self._timestamp()}"}}\n'
        )

    def _facts(self, told: Told) -> dict[str, Any]:
        """What does not differ from one request to the next of the same caller on the same way. What is written beside it needs no escapes."""
        facts: dict[str, Any] = {
            "method": told.method,
            "route": self._templates.of(told.path) if told.is_routed else "unmatched",
            "status": told.status,
            "source": told.source,
        }
        actor = told.actor
        if actor is not None:
            facts |= {"client": actor.client_id, "actor": f"{actor.kind}:{actor.person}"}
            if actor.via is not None:
                facts["acting_for"] = f"{actor.kind}:{actor.subject}"
        return facts

    def _timestamp(self) -> str:
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second, self._second_told = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second_told}.{int((now - second) * 1_000_000):06d}Z"

    def flush(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            sys.stderr.write("".join(lines))
            sys.stderr.flush()
