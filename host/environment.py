"""What one machine gives its services: where the data is, the master key, the database, the bus, the addresses.

The same facts become arguments in one process (`settings_for`) and environment variables of child processes (`as_variables`).
"""

from dataclasses import dataclass, field
import os
from pathlib import Path

import orjson

from chassis.crypto import new_master_key
from chassis.settings import LOG_FORMATS, LOG_LEVELS, ServiceSettings
from host.services import BORDERS_PORT_OFFSET, ServiceEntry, peer_urls

DEFAULT_PORT = 8000
_LAST_PORT = 65_000  # the services listen some hundred above the gateway


class BadSetting(ValueError):
    """A variable of the environment says what cannot be."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One installation on one machine. `var` holds everything it keeps."""

    var: Path
    port: int
    database_url: str
    master_key: str
    kafka: str | None = None
    public_url: str = ""
    peers: dict[str, str] = field(default_factory=dict)
    log_level: str = "WARNING"
    log_format: str = "console"
    with_borders: bool = True
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def addresses(self) -> dict[str, str]:
        return self.peers or peer_urls(self.port)

    @property
    def borders_url(self) -> str:
        return f"http://127.0.0.1:{self.port + BORDERS_PORT_OFFSET}"

    def as_variables(self) -> dict[str, str]:
        """For child processes: everything under TONGBAN_."""
        variables = {
            "TONGBAN_DATABASE_URL": self.database_url,
            "TONGBAN_MASTER_KEY": self.master_key,
            "TONGBAN_PUBLIC_URL": self.origin,
            "TONGBAN_PEERS": orjson.dumps(self.addresses).decode(),
            "TONGBAN_LOG_LEVEL": self.log_level,
            "TONGBAN_LOG_FORMAT": self.log_format,
            "TONGBAN_FILES_DIR": str(self.var / "files"),
        }
        if self.kafka:
            variables["TONGBAN_KAFKA"] = self.kafka
        if self.with_borders:
            variables.setdefault("TONGBAN_IDENTITY_POPULATION_BASE_URL", self.borders_url)
            variables.setdefault("TONGBAN_IDENTITY_LEGAL_PERSON_BASE_URL", self.borders_url)
            variables.setdefault("TONGBAN_IDENTITY_BANK_CHANNEL_URL", self.borders_url)
            variables.setdefault("TONGBAN_IDENTITY_FACE_SERVICE_URL", self.borders_url)
        return {**variables, **self.extra}

    def adopt(self) -> None:
        """Make these the settings of every service started in this process."""
        os.environ.update(self.as_variables())

    def settings_for(self, entry: ServiceEntry) -> ServiceSettings:
        """Read after `adopt`."""
        return entry.settings_class()


def port_setting() -> int:
    """TONGBAN_PORT. Raises BadSetting."""
    text = os.environ.get("TONGBAN_PORT", str(DEFAULT_PORT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LAST_PORT):
        raise BadSetting(f"TONGBAN_PORT is {text!r}; it must be a number from 1 to {_LAST_PORT}")
    return int(text)


def log_settings() -> tuple[str, str]:
    """Level and format: TONGBAN_LOG_LEVEL, TONGBAN_LOG_FORMAT. Raises BadSetting."""
    level, form = os.environ.get("TONGBAN_LOG_LEVEL", "WARNING"), os.environ.get("TONGBAN_LOG_FORMAT", "console")
    if level not in LOG_LEVELS or form not in LOG_FORMATS:
        raise BadSetting(f"TONGBAN_LOG_LEVEL is one of {', '.join(LOG_LEVELS)}; TONGBAN_LOG_FORMAT one of {', '.join(LOG_FORMATS)}")
    return level, form


def master_key_of(var: Path) -> str:
    """The installation's master key: TONGBAN_MASTER_KEY, or one made on the first run and kept in `var` for its owner only."""
    given = os.environ.get("TONGBAN_MASTER_KEY")
    if given:
        return given
    path = var / "master.key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".new")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(new_master_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    return path.read_text().strip()
