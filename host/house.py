"""One process with any set of services: one bus, and calls between them go straight from app to app."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from chassis.app import open_bus
from chassis.migrations import upgrade
from chassis.settings import with_database
from chassis.transports import InProcessTransport, NetworkTransport
from host.environment import Environment
from host.services import GATEWAY, GATEWAY_DATABASE, SERVICES, ServiceEntry, chosen
from host.serving import serving


@dataclass(frozen=True, slots=True)
class House:
    """What runs in this process."""

    environment: Environment
    apps: dict[str, FastAPI]


@asynccontextmanager
async def open_house(environment: Environment, targets: Sequence[str] = ()) -> AsyncIterator[House]:
    """Run the chosen services and, unless left out, the gateway. A subset also listens on its services' own ports."""
    environment.adopt()
    entries = chosen(targets)
    async with AsyncExitStack() as stack:
        apps = build_apps(environment, entries)
        if entries:
            stack.push_async_callback(apps[entries[0].name].state.runtime.bus.stop)
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        if targets:
            for entry in entries:
                await stack.enter_async_context(serving(apps[entry.name], environment.port + entry.port_offset, lifespan=False))
        if not targets or GATEWAY in targets:
            await stack.enter_async_context(_entrance(environment, apps))
        yield House(environment, apps)


def build_apps(environment: Environment, entries: Sequence[ServiceEntry]) -> dict[str, FastAPI]:
    """The apps of some services, wired to each other; not started."""
    apps: dict[str, FastAPI] = {}
    settings = [environment.settings_for(entry) for entry in entries]
    bus = open_bus(settings[0]) if settings else None
    for entry, of_entry in zip(entries, settings, strict=True):
        apps[entry.name] = entry.create_app(of_entry, bus=bus, transport=InProcessTransport(apps.get, NetworkTransport()))
    return apps


@asynccontextmanager
async def _entrance(environment: Environment, apps: dict[str, FastAPI]) -> AsyncIterator[None]:
    """The gateway on its port: in front of the apps here when all are, else of the addresses."""
    from gateway.app import addresses_of, create_app
    from gateway.backends import Backend, InProcessBackend
    from gateway.network import NetworkBackend
    from gateway.settings import GatewaySettings
    from gateway.wire import protocol_of

    settings = GatewaySettings()
    is_complete = set(apps) == set(SERVICES)
    backend: Backend = InProcessBackend(apps.get) if is_complete else NetworkBackend(addresses_of(settings, environment.addresses))
    transport = InProcessTransport(apps.get, NetworkTransport())
    app = create_app(settings, backend=backend, transport=transport, services=tuple(SERVICES))
    async with serving(app, environment.port, protocol=protocol_of(settings)):
        yield


async def migrate(environment: Environment, entries: Sequence[ServiceEntry]) -> list[str]:
    """Bring the databases of some services, and the gateway's, to the newest revision; answers which were changed."""
    changed: list[str] = []
    if await upgrade(GATEWAY, with_database(environment.database_url, GATEWAY_DATABASE)):
        changed.append(GATEWAY)
    for entry in entries:
        if await upgrade(entry.name, with_database(environment.database_url, entry.database)):
            changed.append(entry.name)
        await asyncio.sleep(0)
    return changed
