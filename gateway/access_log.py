"""One line for each request: who (as kind and account id, never a name or number), which way, what came of it, how long.

Paths appear as route templates; queries, headers and bodies never. For machines lines are written by the batch, since a log call for
each costs a fifth of a request: a kill loses the last `FLUSH_SECONDS`.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
import sys
from typing import Any

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
_MOST_KNOWN = 20_000


@dataclass(slots=True)
class Told:
    """A request that is over. `status` 499: the client left; `route` is what metrics call it, `is_routed` whether it led anywhere."""

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
        self._lines: list[bytes] = []
        self._known: Memo[dict[str, str]] = Memo(_MOST_KNOWN)

    def write(self, told: Told, sent: int, first_byte: float | None) -> None:
        """`first_byte` is in seconds since the request's head was read."""
        if not _LEVEL.isEnabledFor(logging.INFO) or told.path in _UNLOGGED:
            return
        line: dict[str, Any] = {
            "method": told.method,
            "route": self._templates.of(told.path) if told.is_routed else "unmatched",
            "status": told.status,
            "bytes": sent,
            "first_byte_ms": None if first_byte is None else round(first_byte * 1000, 2),
            "ms": round(told.seconds * 1000, 2),
            "source": told.source,
            "request_id": told.request.request_id,
            "trace_id": told.request.traceparent[3:35],
        }
        if told.actor is not None:
            line |= self._who(told.actor)
        self._emit(line)

    def _who(self, actor: Actor) -> dict[str, str]:
        found = self._known.get(actor.raw_token)
        if found is None:
            found = {"client": actor.client_id, "actor": f"{actor.kind}:{actor.person}"}
            if actor.via is not None:
                found["acting_for"] = f"{actor.kind}:{actor.subject}"
            self._known[actor.raw_token] = found
        return found

    def flush(self) -> None:
        """Write what waits."""
        if self._lines:
            lines, self._lines = self._lines, []
            sys.stderr.write(b"".join(lines).decode())
            sys.stderr.flush()

    def _emit(self, line: dict[str, Any]) -> None:
        if not self._for_machines:
            log.info("access", **line)
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        line["event"], line["level"], line["logger"], line["timestamp"] = "access", "info", "tongban.access", datetime.now(UTC)
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
