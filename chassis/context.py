"""What is known about the request or event being served, for logs, problems and calls to other services."""

from contextvars import ContextVar
from dataclasses import dataclass, field
import random
import re
import time
from typing import Literal

Language = Literal["zh", "en"]

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


@dataclass(slots=True)
class RequestContext:
    request_id: str
    traceparent: str
    language: Language = "zh"
    deadline: float | None = None
    """On the monotonic clock, in seconds; None: no limit."""
    facts: dict[str, str] = field(default_factory=dict)
    """Added to every log line: the acting subject, the event being handled."""

    def remaining(self) -> float | None:
        """Seconds until the deadline, at least 0; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())


_current: ContextVar[RequestContext | None] = ContextVar("tongban_request", default=None)


def current() -> RequestContext | None:
    return _current.get()


def enter(context: RequestContext) -> None:
    """Make the context current for this task."""
    _current.set(context)


def language() -> Language:
    context = _current.get()
    return context.language if context else "zh"


def new_request_id() -> str:
    """Ids of requests, traces and spans are no secrets: they need to differ, and at every request a call to the kernel is dear."""
    return f"{random.getrandbits(96):024x}"


def accepted_request_id(value: str | None) -> str:
    """The caller's request id when it is harmless in a log, otherwise a new one."""
    return value if value and _REQUEST_ID.match(value) else new_request_id()


def child_traceparent(parent: str | None) -> str:
    """A W3C traceparent in the parent's trace with a span of our own, or a new trace."""
    match = _TRACEPARENT.match(parent) if parent else None
    ours = f"{random.getrandbits(192):048x}"
    trace = match.group(1) if match and match.group(1) != "0" * 32 else ours[16:]
    return f"00-{trace}-{ours[:16]}-01"


def preferred_language(accept_language: str | None) -> Language:
    """zh unless English is asked for with the higher weight."""
    weights: dict[Language, float] = {}
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        try:
            weight = float(parameter.partition("=")[2]) if "=" in parameter else 1.0
        except ValueError:
            continue
        for known in ("zh", "en"):
            if tag.split("-")[0] == known:
                weights[known] = max(weight, weights.get(known, 0.0))
    return "en" if weights.get("en", 0.0) > weights.get("zh", 0.0) else "zh"
