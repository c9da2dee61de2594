"""`docs/settings.md`: every setting of every service, from the descriptions in the code."""

from pathlib import Path
from typing import Any

from chassis.settings import ServiceSettings
from gateway.settings import GatewaySettings
from host.services import SERVICES

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

_HEAD = """# Settings

Written by `make contracts` from the code; a test holds the two together. Settings are environment variables, read once at start.
`TONGBAN_<SERVICE>_<NAME>` wins over `TONGBAN_<NAME>` for that service.

The host itself reads `TONGBAN_PORT` (the gateway's port, 8000), `TONGBAN_VAR` (the folder of everything one machine keeps, `var`) and
`TONGBAN_MASTER_KEY`, `TONGBAN_DATABASE_URL`, `TONGBAN_KAFKA`, `TONGBAN_PUBLIC_URL`, `TONGBAN_LOG_LEVEL`, `TONGBAN_LOG_FORMAT` below.
Tests read `TONGBAN_REAL_DATA`, a folder of large real data; what needs it is left out where it is not set.
"""


def settings_page() -> str:
    """The page as Markdown."""
    parts = [_HEAD, "## Every service", "", _table(ServiceSettings, set(), "TONGBAN_")]
    shared = set(ServiceSettings.model_fields)
    for settings in _own():
        if set(settings.model_fields) - shared:
            parts += [f"## {settings.service}", "", _table(settings, shared, f"TONGBAN_{settings.service.upper()}_")]
    return "\n".join(parts)


def undescribed() -> list[str]:
    """Settings without a description."""
    every: list[type[ServiceSettings]] = [ServiceSettings, *_own()]
    return [f"{settings.__name__}.{name}" for settings in every for name, field in settings.model_fields.items() if not field.description]


def _own() -> list[type[ServiceSettings]]:
    return [*(entry.settings_class for entry in SERVICES.values()), GatewaySettings]


def write() -> list[str]:
    """Write the page; answers its path when it changed."""
    text = settings_page()
    if PAGE.exists() and PAGE.read_text() == text:
        return []
    PAGE.write_text(text)
    return [str(PAGE.relative_to(PAGE.parent.parent))]


def _table(settings: type[ServiceSettings], without: set[str], prefix: str) -> str:
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for name, field in settings.model_fields.items():
        if name not in without:
            rows.append(f"| `{prefix}{name.upper()}` | {_default(field.get_default(call_default_factory=True))} | {field.description} |")
    return "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    text = "" if value in (None, [], {}) or "Secret" in type(value).__name__ else str(value)
    return f"`{text}`" if text else ""
