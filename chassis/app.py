"""A service's FastAPI app: routers under `/api/<service>/v1`, health and metrics, and what runs beside the routes.

Start-up opens the database, relay and consumers; shutdown drains: not ready first, then consumers, relay, connections. A bus
that is away does not keep a service from starting or from accepting writes: the outbox waits.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from starlette.responses import JSONResponse

from bus import Bus
from chassis.asgi import Edge, RequestMetrics
from chassis.basis import BasisCheck, asking_peer
from chassis.clock import Clock, OffsetClock, SystemClock
from chassis.consumers import run_consumers
from chassis.crypto import KeyRing
from chassis.database import Database
from chassis.edge import EdgeRoute
from chassis.events import Consumer
from chassis.evidence import EvidenceClient
from chassis.http import HttpClient, Transport
from chassis.openapi import install_openapi
from chassis.relay import Relay
from chassis.runtime import AUDIENCE, ISSUER_PEER, Runtime, ServiceTokens
from chassis.settings import ServiceSettings
from chassis.standings import Standings, standings_of_issuer
from chassis.tokens import TokenVerifier
from chassis.transports import NetworkTransport
from chassis.validation import install_problem_handlers

Alongside = Callable[[Runtime], AbstractAsyncContextManager[None]]
"""What a service keeps open while it runs: workers, files. Entered after the database, left before it closes."""

VERSION = "0.1.0"
_BELOW: dict[tuple[str, int], APIRouter] = {}


def service_router(tag: str) -> APIRouter:
    """A router of one resource; its routes pass the edge."""
    return APIRouter(route_class=EdgeRoute, tags=[tag])


def clock_of(settings: ServiceSettings) -> Clock:
    """The system's clock, or the shifted one of a rehearsal."""
    offset = settings.clock_offset_seconds
    return OffsetClock(timedelta(seconds=offset)) if offset else SystemClock()


def open_bus(settings: ServiceSettings) -> Bus:
    """The bus the settings name: Kafka where bootstrap servers are given, else the log in PostgreSQL."""
    if settings.kafka:
        from bus.kafka import KafkaBus

        return KafkaBus(settings.kafka, client_id=f"tongban-{settings.service}")
    from bus.postgres import PostgresBus

    return PostgresBus(settings.bus_dsn, application_name=f"tongban-bus-{settings.service}")


def create_service(
    settings: ServiceSettings,
    *,
    title: str,
    description: str,
    routers: Sequence[APIRouter],
    topics: Sequence[str] = (),
    consumers: Sequence[Consumer] = (),
    alongside: Sequence[Alongside] = (),
    bus: Bus | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """Wire one service. `topics` are those it publishes; `bus` and `transport` are given where several services share a process."""
    clock = clock or clock_of(settings)
    runtime = _build_runtime(settings, clock, bus or open_bus(settings), transport or NetworkTransport())
    prefix = f"/api/{settings.service}/v1"

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(runtime.http.close)
            stack.push_async_callback(runtime.db.close)
            if bus is None:
                stack.push_async_callback(runtime.bus.stop)
            if settings.run_relay:
                await stack.enter_async_context(Relay(runtime, topics).running())
            for open_part in alongside:
                await stack.enter_async_context(open_part(runtime))
            if settings.run_consumers and consumers:
                await stack.enter_async_context(run_consumers(runtime, consumers))
            yield
            runtime.is_draining = True

    app = FastAPI(title=title, version=VERSION, openapi_url=f"{prefix}/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.runtime = runtime
    for router in routers:
        app.router.routes.extend(_below(prefix, router).routes)
    _add_health(app, runtime)
    install_problem_handlers(app)
    install_openapi(app, title=title, version=VERSION, description=description)
    metrics = RequestMetrics(runtime.registry)
    app.add_middleware(
        Edge, service=settings.service, metrics=metrics, request_seconds=settings.request_seconds, body_bytes=settings.body_bytes
    )
    return app


def _below(prefix: str, router: APIRouter) -> APIRouter:
    """A router's routes. FastAPI examines a router anew for every app that includes it; a process with many apps (the tests') need not."""
    holder = _BELOW.setdefault((prefix, id(router)), APIRouter())
    if not holder.routes:
        holder.include_router(router, prefix=prefix)  # and keeps the router, so that its id stays its own
    return holder


def _build_runtime(settings: ServiceSettings, clock: Clock, bus: Bus, transport: Transport) -> Runtime:
    previous = [old.get_secret_value() for old in settings.previous_master_keys]
    keys = KeyRing(settings.master_key.get_secret_value(), previous, service=settings.service)
    tokens = ServiceTokens(f"svc-{settings.service}", keys.secret_for(f"client:svc-{settings.service}"), clock)
    http = HttpClient(transport, settings.peers, tokens=tokens)
    tokens.http = http

    return Runtime(
        settings=settings,
        clock=clock,
        db=Database(settings.dsn, service=settings.service, clock=clock, pool_size=settings.database_pool),
        bus=bus,
        http=http,
        verifier=token_verifier(http, settings.public_url, clock),
        standings=Standings(standings_of_issuer(http, ISSUER_PEER)),
        basis=BasisCheck(asking_peer(http, ISSUER_PEER)),
        keys=keys,
        registry=CollectorRegistry(),
        evidence=EvidenceClient(http),
    )


def token_verifier(http: HttpClient, issuer: str, clock: Clock) -> TokenVerifier:
    """Verifies the suite's access tokens with the keys that the issuer publishes."""

    async def fetch_keys() -> dict[str, object]:
        document: dict[str, object] = (await http.get(ISSUER_PEER, "/jwks")).json()
        return document

    return TokenVerifier(issuer=issuer, audience=AUDIENCE, fetch_keys=fetch_keys, now=lambda: clock.now().timestamp())


def _add_health(app: FastAPI, runtime: Runtime) -> None:
    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive", "service": runtime.name})

    async def ready(request: Request) -> Response:
        is_ready = (has_database := await runtime.db.ping()) and not runtime.is_draining
        body = {"status": "ready" if is_ready else "not-ready", "database": has_database, "draining": runtime.is_draining}
        return JSONResponse(body, status_code=200 if is_ready else 503)

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(runtime.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    app.add_route("/healthz", alive, include_in_schema=False)
    app.add_route("/readyz", ready, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)
