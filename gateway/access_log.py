"""One line for each request: who (as kind and account id, never a name or number), which way, what came of it, how long.

Paths appear as route templates; queries, headers and bodies never.
"""

import logging
from typing import Any

from starlette.types import Scope

from chassis import context
from chassis.actor import Actor
from chassis.logs import get_logger
from gateway.templates import Templates

log = get_logger("tongban.access")
_LEVEL = logging.getLogger("tongban.access")
_UNLOGGED = frozenset(("/healthz", "/readyz", "/metrics"))


class AccessLog:
    """Writes the lines. `templates` names the routes."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

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
        log.info("access", **line)
