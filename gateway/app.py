"""The gateway's app: wiring only."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from chassis.app import VERSION, clock_of, token_verifier
from chassis.asgi import RequestMetrics
from chassis.clock import Clock
from chassis.crypto import KeyRing
from chassis.database import Database
from chassis.http import HttpClient, Transport
from chassis.runtime import ServiceTokens
from chassis.tasks import end
from chassis.transports import NetworkTransport
from chassis.validation import install_problem_handlers
from gateway.access_log import AccessLog
from gateway.backends import Backend, ReadyWatch
from gateway.counts import Counts, PostgresCounts
from gateway.documents import api_page, merged_document, swagger_assets
from gateway.edge import GatewayEdge
from gateway.express import Express
from gateway.network import NetworkBackend
from gateway.proxy import Discovery, Proxy
from gateway.rates import Rates
from gateway.seen_signatures import SeenSignatures
from gateway.settings import GatewaySettings
from gateway.templates import templates_of_the_house
from gateway.trust import Trust


def create_app(
    settings: GatewaySettings | None = None,
    *,
    backend: Backend | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    services: Sequence[str] = (),
) -> "Entrance":
    """The entrance to `services`; by default to every peer the settings name."""
    settings = settings or GatewaySettings()
    clock = clock or clock_of(settings)
    reached = tuple(services) or tuple(settings.peers)
    tokens = _own_tokens(settings, clock)
    http = tokens.http = HttpClient(transport or NetworkTransport(), settings.peers, tokens=tokens)
    passing = backend or NetworkBackend(addresses_of(settings, settings.peers), lines=settings.connections)
    registry = CollectorRegistry()
    watch = ReadyWatch(passing, reached, settings.check_seconds)
    verifier = token_verifier(http, settings.public_url, clock)
    db = Database(settings.dsn, service="gateway", clock=clock, pool_size=2) if settings.shared_counts else None
    counts = Counts(PostgresCounts(db) if db is not None else None)
    now, trusted = lambda: clock.now().timestamp(), tuple(settings.trusted_proxies)
    rates = Rates(settings, counts, now)
    trust = Trust(
        http,
        tokens,
        verifier,
        SeenSignatures(db),
        public_url=settings.public_url,
        proxies=trusted if settings.client_certificates else (),
        now=now,
    )
    proxy = Proxy(passing, verifier, trust, rates, services=reached, trusted=trusted, slots=settings.connections)

    access_log = AccessLog(templates_of_the_house(), for_machines=settings.log_format == "json")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        beside = [asyncio.create_task(watch.run(), name="ready-watch"), asyncio.create_task(counts.run(), name="counts")]
        try:
            yield
        finally:
            await end(*beside)
            access_log.flush()
            if db is not None:
                await db.close()
            await passing.close()
            await http.close()

    app = Entrance(
        title="通办 Tongban", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    _add_pages(app, settings.public_url, watch, registry)
    app.router.routes.append(Route("/.well-known/openid-configuration", Discovery(proxy), methods=["GET"], name="discovery"))
    install_problem_handlers(app)
    app.edge = GatewayEdge(
        super(Entrance, app).__call__, proxy=proxy, settings=settings, metrics=RequestMetrics(registry), access_log=access_log
    )
    if settings.express and isinstance(passing, NetworkBackend):
        app.express = Express(app.edge, proxy, passing, verifier, rates, settings)
    return app


def _own_tokens(settings: GatewaySettings, clock: Clock) -> ServiceTokens:
    """The gateway's own tokens, by a secret derived from the master key; without one, identity refuses it."""
    master = settings.master_key.get_secret_value()
    client_id = f"svc-{settings.service}"
    secret = KeyRing(master, service=settings.service).secret_for(f"client:{client_id}") if master else ""
    return ServiceTokens(client_id, secret, clock)


class Entrance(FastAPI):
    """The gateway's pages behind its edge. The edge is outermost and passes what is for services straight on.

    `express` is what the protocol asks first: see `gateway.wire`.
    """

    edge: GatewayEdge
    express: Express | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.edge(scope, receive, send)


def _add_pages(app: FastAPI, public_url: str, watch: ReadyWatch, registry: CollectorRegistry) -> None:
    """Health, metrics and the API document."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive", "service": "gateway", "services": list(watch.states)})

    async def ready(request: Request) -> Response:
        """Ready to take traffic is the gateway's own state; what is down behind it is told and does not take it out of service."""
        body = {"status": "starting" if watch.is_starting else "ready", "services": watch.states}
        return JSONResponse(body, status_code=503 if watch.is_starting else 200)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def document(request: Request) -> Response:
        return Response(merged_document(public_url), media_type="application/json", headers={"Cache-Control": "public, max-age=60"})

    app.add_route("/healthz", alive, include_in_schema=False)
    app.add_route("/readyz", ready, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)
    app.add_route("/openapi.json", document, include_in_schema=False)
    app.add_route("/docs", api_page, include_in_schema=False)
    app.mount("/docs/assets", StaticFiles(directory=swagger_assets()), name="assets")


def addresses_of(settings: GatewaySettings, peers: Mapping[str, str]) -> dict[str, list[str]]:
    """Every instance of every service: those the settings list, else the one that peers names."""
    return {name: [base] for name, base in peers.items()} | settings.instances
