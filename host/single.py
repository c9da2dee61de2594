"""One service as a process of its own, as a container runs it: settings from TONGBAN_ variables, peers over the network."""

import asyncio

from fastapi import FastAPI

from chassis.logs import configure_logs
from chassis.settings import ServiceSettings
from host.garbage import loaded
from host.services import GATEWAY, SERVICES
from host.serving import serving
from host.signals import told_to_stop


async def serve(service: str, port: int, host: str) -> None:
    """Until SIGTERM or SIGINT."""
    settings, app, protocol = _app_of(service)
    configure_logs(settings.log_level, settings.log_format)
    stopping = told_to_stop()
    async with serving(app, port, host=host, protocol=protocol):
        loaded()
        await stopping.wait()


async def serve_borders(port: int) -> None:
    """The stand-ins of outside systems, until SIGTERM or SIGINT."""
    from host.borders import borders_app

    configure_logs("WARNING", "console")
    stopping = told_to_stop()
    async with serving(borders_app(), port, lifespan=False):
        await stopping.wait()


def _app_of(service: str) -> tuple[ServiceSettings, FastAPI, type[asyncio.Protocol] | None]:
    if service == GATEWAY:
        from gateway.app import create_app
        from gateway.settings import GatewaySettings
        from gateway.wire import protocol_of

        settings = GatewaySettings()
        return settings, create_app(settings, services=tuple(SERVICES)), protocol_of(settings)
    entry = SERVICES.get(service)
    if entry is None:
        raise SystemExit(f"no service is named {service}; there are {', '.join(SERVICES)} and {GATEWAY}")
    of_service = entry.settings_class()
    return of_service, entry.create_app(of_service), None
