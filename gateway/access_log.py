"""One line for each request: who (as kind and account id, never a name or number), which way, what came of it, how long.

Paths appear as route templates; queries, headers and bodies never. For machines lines are written by the batch, since a log call for
each costs a fifth of a request: a kill loses the last `FLUSH_SECONDS`.
"""

import asyncio
from datetime import UTC, datetime
import logging
import sys
from typing import Any

import orjson
from starlette.types import Scope

from chassis import context
from chassis.actor import Actor
from chassis.logs import get_logger
from gateway.templates import Templates

log = get_logger("tongban.access")
_LEVEL = logging.getLogger("tongban.access")
_UNLOGGED = frozenset(("/healthz", "/readyz", "/metrics"))
FLUSH_SECONDS = 0.2


class AccessLog:
    """Writes the lines. `templates` names the routes; `for_machines`: JSON, by the batch, to standard error."""

    def __init__(self, templates: Templates, *, for_machines: bool) -> None:
        self._templates = templates
        self._for_machines = for_machines
        self._lines: list[bytes] = []

    def write(
        self, scope: Scope, request: context.RequestContext, status: int, sent: int, first_byte: float | None, seconds: float
    ) -> None:
        """`first_byte` and `seconds` are seconds since the request's head was read; status 499: the client left."""
        if not _LEVEL.isEnabledFor(logging.INFO) or scope["path"] in _UNLOGGED:
            return
        state = scope["state"]
        line: dict[str, Any] = {
            "method": scope.get("method", "WEBSOCKET"),
            "route": self._templates.of(scope["path"]) if getattr(scope.get("route"), "path", None) else "unmatched",
            "status": status,
            "bytes": sent,
            "first_byte_ms": None if first_byte is None else round(first_byte * 1000, 2),
            "ms": round(seconds * 1000, 2),
            "source": state.get("source"),
            "request_id": request.request_id,
            "trace_id": request.traceparent[3:35],
        }
        actor: Actor | None = state.get("actor")
        if actor is not None:
            line["client"] = actor.client_id
            line["actor"] = f"{actor.kind}:{actor.person}"
            if actor.via is not None:
                line["acting_for"] = f"{actor.kind}:{actor.subject}"
        self._emit(line)

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
        known = {"event": "access", "level": "info", "logger": "tongban.access", "timestamp": datetime.now(UTC)}
        self._lines.append(orjson.dumps(line | known, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
