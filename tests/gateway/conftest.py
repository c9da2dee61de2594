"""A gateway on a port of its own, with toy services behind it: in its process, or over the network."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import httpx
import pytest
import pytest_asyncio

from gateway.app import addresses_of, create_app
from gateway.backends import Backend, InProcessBackend
from gateway.express import Express
from gateway.network import NetworkBackend
from gateway.settings import GatewaySettings
from gateway.wire import protocol_of
from host.serving import serving
from host.stack.processes import free_ports
from tests.gateway.toy import Toy
from tests.gateway.wire import Line, line_to
from tests.support.peers import Peers, answer
from tests.support.tokens import ISSUER, Issuer

Shape = Literal["in-process", "network", "express"]
"""How services are reached: in the gateway's process, or over the network by the long way or by the short one (`gateway.express`)."""
LINES = 4
"""Idle connections that the short way finds at each service, so that its first requests already go by it."""


@dataclass(slots=True)
class Entrance:
    """A running gateway. `toy` and `identity` are the services behind it."""

    port: int
    http: httpx.AsyncClient
    toy: Toy
    identity: Toy
    peers: Peers
    """Where the gateway itself fetches the issuer's keys."""
    issuer: Issuer
    express: Express | None
    line: Callable[..., AbstractAsyncContextManager[Line]] = field(init=False)

    def __post_init__(self) -> None:
        self.line = partial(line_to, self.port)

    async def metrics(self) -> str:
        return (await self.http.get("/metrics")).text


OpenEntrance = Callable[..., AbstractAsyncContextManager[Entrance]]


@asynccontextmanager
async def open_entrance(shape: Shape, *, addresses: dict[str, str] | None = None, **settings: Any) -> AsyncIterator[Entrance]:
    """`addresses` replaces toy services by whatever listens there; the rest are settings of the gateway."""
    toys = {"toy": Toy(), "identity": Toy()}
    issuer, peers = Issuer(), Peers()
    peers.on("GET", "identity", "/jwks", lambda _: answer(issuer.jwks()))
    async with AsyncExitStack() as stack:
        port, *toy_ports = free_ports(1 + len(toys))
        known = {name: f"http://127.0.0.1:{at}" for name, at in zip(toys, toy_ports, strict=True)} | (addresses or {})
        if shape != "in-process":
            for (name, toy), at in zip(toys.items(), toy_ports, strict=True):
                if name not in (addresses or {}):
                    await stack.enter_async_context(serving(toy, at, lifespan=False))
        usual = {"check_seconds": 0, "shared_counts": False, "rate_window_seconds": 3_600, "express": shape == "express"}
        chosen = GatewaySettings(**{"public_url": ISSUER, "peers": known, **usual, **settings})
        over_network = NetworkBackend(addresses_of(chosen, known), idle_seconds=3_600)
        backend: Backend = InProcessBackend(toys.get) if shape == "in-process" else over_network
        app = create_app(chosen, backend=backend, transport=peers, services=tuple(toys))
        await stack.enter_async_context(serving(app, port, protocol=protocol_of(chosen)))
        for name in toys if shape == "express" else ():
            with suppress(OSError):  # a service that is down has none
                await over_network.open_lines(name, LINES)
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
        http = await stack.enter_async_context(client)
        yield Entrance(port, http, toys["toy"], toys["identity"], peers, issuer, app.express)


@pytest.fixture(params=["network", "express"])
def network(request: pytest.FixtureRequest) -> Shape:
    """Both ways to services over the network."""
    found: Shape = request.param
    return found


@pytest.fixture(scope="module", params=["in-process", "network", "express"])
def shape(request: pytest.FixtureRequest) -> Shape:
    """What every entrance must do alike, whichever way the services are reached."""
    found: Shape = request.param
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def _running(shape: Shape) -> AsyncIterator[Entrance]:
    async with open_entrance(shape) as opened:
        yield opened


@pytest.fixture
def entrance(_running: Entrance) -> Entrance:
    """With default settings, in every shape. Its toys start anew for every test."""
    _running.toy.forget()
    _running.identity.forget()
    return _running


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["network", "express"])
async def _running_over_network(request: pytest.FixtureRequest) -> AsyncIterator[Entrance]:
    async with open_entrance(request.param) as opened:
        yield opened


@pytest.fixture
def over_network(_running_over_network: Entrance) -> Entrance:
    """With default settings, services over the network, both ways. Its toys start anew for every test."""
    _running_over_network.toy.forget()
    _running_over_network.identity.forget()
    return _running_over_network


@pytest.fixture
def opened() -> OpenEntrance:
    """For settings or a history of a test's own: `async with opened("network", request_seconds=1) as entrance`."""
    return open_entrance


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["network", "express"])
async def _running_behind_a_balancer(request: pytest.FixtureRequest) -> AsyncIterator[Entrance]:
    async with open_entrance(request.param, trusted_proxies=["127.0.0.0/8"]) as opened:
        yield opened


@pytest.fixture
def behind_a_balancer(_running_behind_a_balancer: Entrance) -> Entrance:
    """That trusts what loopback addresses say about where a request came from."""
    _running_behind_a_balancer.toy.forget()
    return _running_behind_a_balancer
