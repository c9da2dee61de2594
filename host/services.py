"""The map of the house: each service's app, settings, database, port and what it needs. Both shapes and `deploy/` read it.

Modules are named, not imported: a process that runs one service loads one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a command that only needs to know where things are loads no framework
    from fastapi import FastAPI
    from sqlalchemy import MetaData

    from chassis.events import Consumer
    from chassis.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One service. `port_offset` is added to the gateway's port; `needs` are services it calls."""

    name: str
    port_offset: int
    needs: tuple[str, ...]
    workers: int = 1
    """Processes in the stack; one machine runs one."""

    @property
    def settings_class(self) -> "type[ServiceSettings]":
        module = import_module(f"services.{self.name}.settings")
        found: type[ServiceSettings] = getattr(module, f"{self.name.capitalize()}Settings")
        return found

    def create_app(self, settings: "ServiceSettings", **parts: Any) -> "FastAPI":
        app: FastAPI = import_module(f"services.{self.name}.app").create_app(settings, **parts)
        return app

    @property
    def consumers(self) -> "tuple[Consumer, ...]":
        return tuple(import_module(f"services.{self.name}.app").CONSUMERS)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it publishes."""
        return tuple(import_module(f"services.{self.name}.app").TOPICS)

    @property
    def metadata(self) -> "MetaData":
        found: MetaData = import_module(f"services.{self.name}.tables").metadata
        return found

    @property
    def database(self) -> str:
        return f"tongban_{self.name}"


SERVICES: Mapping[str, ServiceEntry] = {
    entry.name: entry
    for entry in (
        ServiceEntry("identity", 101, ()),
        ServiceEntry("catalog", 102, ("identity",)),
        ServiceEntry("certificates", 103, ("identity",)),
        ServiceEntry("intake", 104, ("identity", "catalog", "certificates", "exchange"), workers=2),
        ServiceEntry("approval", 105, ("identity",)),
        ServiceEntry("exchange", 106, ("identity",)),
    )
}
"""In the order they start."""

GATEWAY = "gateway"
GATEWAY_WORKERS = 2
BORDERS_PORT_OFFSET = 110
BUS_DATABASE = "tongban_bus"
GATEWAY_DATABASE = "tongban_gateway"


class UnknownTarget(ValueError):
    """A name that is not on the map."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"no service is named {', '.join(names)}; there are {', '.join(SERVICES)} and {GATEWAY}")


def chosen(targets: Sequence[str]) -> list[ServiceEntry]:
    """The entries named, in starting order; all for none. Raises UnknownTarget."""
    unknown = set(targets) - set(SERVICES) - {GATEWAY}
    if unknown:
        raise UnknownTarget(sorted(unknown))
    return [entry for entry in SERVICES.values() if not targets or entry.name in targets]


def peer_urls(base_port: int, host: str = "127.0.0.1") -> dict[str, str]:
    """Where each service is when all run on one host."""
    return {entry.name: f"http://{host}:{base_port + entry.port_offset}" for entry in SERVICES.values()}


def databases(entries: Iterable[ServiceEntry]) -> list[str]:
    """The databases a set of services needs, the bus's and the gateway's among them."""
    return [BUS_DATABASE, GATEWAY_DATABASE, *(entry.database for entry in entries)]
