"""The gateway's app: wiring only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from chassis.app import VERSION, clock_of, token_verifier
from chassis.asgi import Edge, RequestMetrics
from chassis.clock import Clock
from chassis.http import HttpClient, Transport
from chassis.transports import NetworkTransport
from chassis.validation import install_problem_handlers
from gateway.backends import Backend, NetworkBackend
from gateway.documents import api_page, merged_document, swagger_assets
from gateway.proxy import Proxy
from gateway.settings import GatewaySettings


def create_app(
    settings: GatewaySettings | None = None,
    *,
    backend: Backend | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    services: Sequence[str] = (),
) -> FastAPI:
    """The entrance to `services`; by default to every peer the settings name."""
    settings = settings or GatewaySettings()
    clock = clock or clock_of(settings)
    reached = tuple(services) or tuple(settings.peers)
    http = HttpClient(transport or NetworkTransport(), settings.peers)
    passing = backend or NetworkBackend(settings.peers, connections=settings.connections)
    registry = CollectorRegistry()
    proxy = Proxy(passing, token_verifier(http, settings.public_url, clock), services=reached, request_seconds=settings.request_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await passing.close()
        await http.close()

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive", "service": "gateway", "services": list(reached)})

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def document(request: Request) -> Response:
        return Response(
            merged_document(settings.public_url), media_type="application/json", headers={"Cache-Control": "public, max-age=60"}
        )

    app = FastAPI(
        title="通办 Tongban", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    proxied: ASGIApp = proxy
    app.router.routes.append(Route("/api/{service}/v1/{path:path}", proxied, name="service"))
    app.router.routes.append(Route("/.well-known/openid-configuration", proxy.discovery, name="discovery"))
    app.add_route("/healthz", alive, include_in_schema=False)
    app.add_route("/readyz", proxy.ready, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)
    app.add_route("/openapi.json", document, include_in_schema=False)
    app.add_route("/docs", api_page, include_in_schema=False)
    app.mount("/docs/assets", StaticFiles(directory=swagger_assets()), name="assets")
    install_problem_handlers(app)
    app.add_middleware(
        Edge, service="gateway", metrics=RequestMetrics(registry), request_seconds=settings.request_seconds, body_bytes=settings.file_bytes
    )
    return app
