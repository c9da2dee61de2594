"""Structured logs: one JSON object a line (or a readable line for people), with the request's ids, without secrets.

Personal numbers, mobile numbers and tokens are masked wherever they slip in.
"""

from collections.abc import MutableMapping
import logging
import re
import sys
from typing import Any

import orjson
import structlog

from chassis import context

_PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_SECRET = re.compile(
    r"(?:^|[_-])(?:password|secret|token|authorization|code_verifier|assertion|master_key|private_key|(?:set-)?cookie)$", re.IGNORECASE
)


def masked(text: str) -> str:
    """The text with personal numbers, mobile numbers and tokens masked."""
    text = _PERSONAL_NUMBER.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _TOKEN.sub("[token]", text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {k: "[secret]" if _SECRET.search(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return value


def _mask_processor(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: "[secret]" if _SECRET.search(k) else _clean(v) for k, v in event.items()}


def _context_processor(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    current = context.current()
    if current is not None:
        event.setdefault("request_id", current.request_id)
        event.setdefault("trace_id", current.traceparent[3:35])
        for name, value in current.facts.items():
            event.setdefault(name, value)
    return event


def _to_json(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(dict(event), default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure_logs(level: str = "INFO", style: str = "json") -> None:
    """Set up structlog and the standard library's logging once for the process."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _context_processor,
        structlog.processors.format_exc_info,
        _mask_processor,
    ]
    renderer: Any = _to_json if style == "json" else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:2],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shared[2:], renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiokafka", "asyncio", "alembic", "httpx", "uvicorn.access", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING if level.upper() != "DEBUG" else logging.INFO)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL if level.upper() != "DEBUG" else logging.INFO)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
