"""WebSockets and event streams: passed both ways in both shapes, judged at the handshake, ended when the gateway stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.types import Receive, Scope, Send
from yarl import URL

from gateway.app import addresses_of, create_app
from gateway.backends import Backend, InProcessBackend
from gateway.network import NetworkBackend
from gateway.settings import GatewaySettings
from gateway.wire import protocol_of
from host.serving import serving
from host.stack.processes import free_ports
from tests.gateway.conftest import OpenEntrance, Shape
from tests.gateway.toy import never, piece, start
from tests.gateway.wire import line_to
from tests.support.peers import Peers, answer
from tests.support.tokens import ISSUER, Issuer
from tests.support.waiting import until


class Echo:
    """Accepts sockets and says back what it hears; notes handshakes and how sockets ended."""

    def __init__(self) -> None:
        self.handshakes: list[dict[str, str]] = []
        self.codes: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await start(send, 200, ("content-type", "text/event-stream"))
            await piece(send, b"data: first\n\n")
            await never(scope, receive, send)
            return
        self.handshakes.append(
            {n.decode(): v.decode() for n, v in scope["headers"]} | {"path": scope["path"], "query": scope["query_string"].decode()}
        )
        await receive()
        if scope["path"].endswith("/refused"):
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None), "headers": []})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.codes.append(message["code"])
                return
            if message.get("text") == "close":
                await send({"type": "websocket.close", "code": 4321, "reason": "enough"})
                return
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


@asynccontextmanager
async def _echoing(shape: Shape, echo: Echo) -> AsyncIterator[tuple[str, Issuer, "asyncio.Event"]]:
    """The base URL of a gateway before the echo; it stops when the event is set."""
    issuer, peers, stop = Issuer(), Peers(), asyncio.Event()
    peers.on("GET", "identity", "/jwks", lambda _: answer(issuer.jwks()))
    port, behind = free_ports(2)
    addresses = {"toy": f"http://127.0.0.1:{behind}"}
    settings = GatewaySettings(public_url=ISSUER, peers=addresses, check_seconds=0, shared_counts=False)
    backend: Backend = InProcessBackend({"toy": echo}.get) if shape == "in-process" else NetworkBackend(addresses_of(settings, addresses))
    app = create_app(settings, backend=backend, transport=peers, services=("toy",))
    is_open = asyncio.Event()

    async def run() -> None:
        async with serving(app, port, protocol=protocol_of(settings)):
            is_open.set()
            await stop.wait()

    async with serving(echo, behind, lifespan=False):
        running = asyncio.create_task(run())
        await is_open.wait()
        try:
            yield f"http://127.0.0.1:{port}", issuer, stop
        finally:
            stop.set()
            await running


async def test_messages_pass_both_ways_as_they_are(shape: Shape) -> None:
    echo = Echo()
    async with _echoing(shape, echo) as (url, issuer, _), aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {issuer.token('person')}", "X-Forwarded-For": "10.0.0.1", "X-Mine": "1"}
        async with session.ws_connect(URL(f"{url}/api/toy/v1/ws?a=%2F", encoded=True), headers=headers, protocols=("one", "two")) as socket:
            await socket.send_str("食品")
            assert await socket.receive_str() == "食品"
            await socket.send_bytes(bytes(200_000))
            assert await socket.receive_bytes() == bytes(200_000)
            assert socket.protocol == "one"

    [handshake] = echo.handshakes
    assert (handshake["path"], handshake["query"], handshake["x-mine"]) == ("/api/toy/v1/ws", "a=%2F", "1")
    assert handshake["x-forwarded-for"] == "127.0.0.1"
    assert handshake["authorization"] == headers["Authorization"]


async def test_either_side_may_end_it_and_the_other_hears_why(shape: Shape) -> None:
    echo = Echo()
    async with _echoing(shape, echo) as (url, _, _stop), aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{url}/api/toy/v1/ws")
        await socket.send_str("close")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4321
        socket = await session.ws_connect(f"{url}/api/toy/v1/ws")
        await socket.close(code=4000)
        await until(lambda: echo.codes == [4000])


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/toy/v1/ws", {"Authorization": "Bearer nonsense"}, 401),
        ("/api/toy/v1/ws", {"Authorization": "Basic eA=="}, 401),
        ("/api/nobody/v1/ws", {}, 404),
        ("/api/toy/v1/%2e%2e/ws", {}, 400),
        ("/healthz", {}, 403),
        ("/api/toy/v1/refused", {}, 403),
    ],
)
async def test_a_handshake_that_is_not_good_is_refused(shape: Shape, path: str, headers: dict[str, str], status: int) -> None:
    echo = Echo()
    async with _echoing(shape, echo) as (url, _, _stop), line_to(int(url.rpartition(":")[2])) as line:
        handshake = {"Host": "x", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in handshake.items())
        refusal = await line.ask(f"GET {path} HTTP/1.1\r\n{lines}Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode())

    assert refusal.status == status
    if status in (400, 401, 404):
        assert refusal.values("content-type") == ["application/problem+json"]
        assert echo.handshakes == []


async def test_a_socket_to_a_service_that_is_down_is_a_problem(opened: OpenEntrance, network: Shape) -> None:
    [nobody] = free_ports(1)
    async with opened(network, addresses={"toy": f"http://127.0.0.1:{nobody}"}) as entrance, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(f"http://127.0.0.1:{entrance.port}/api/toy/v1/ws")

    assert refusal.value.status == 503


async def test_a_message_beyond_the_limit_ends_the_socket(shape: Shape) -> None:
    async with _echoing(shape, Echo()) as (url, _, _stop), aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{url}/api/toy/v1/ws")
        await socket.send_bytes(bytes(1_100_000))
        assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == 1009


async def test_sockets_and_event_streams_end_when_the_gateway_stops(shape: Shape) -> None:
    echo = Echo()
    async with _echoing(shape, echo) as (url, _, stop), aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{url}/api/toy/v1/ws")
        async with session.get(f"{url}/api/toy/v1/events") as stream:
            assert await stream.content.readany() == b"data: first\n\n"
            stop.set()

            async with asyncio.timeout(5):
                assert await stream.content.read() == b""
                ending = await socket.receive()
        assert (ending.type, ending.data in (1001, 1012)) == (aiohttp.WSMsgType.CLOSE, True)
        await until(lambda: len(echo.codes) == 1)


async def test_an_event_stream_arrives_event_by_event_and_holds_no_slot(opened: OpenEntrance, network: Shape) -> None:
    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, ("content-type", "text/event-stream"))
        await piece(send, b"data: first\n\n")
        await never(scope, receive, send)

    async with opened(network, connections=1) as entrance:
        entrance.toy.on("/api/toy/v1/events", events)
        async with entrance.http.stream("GET", "/api/toy/v1/events") as stream:
            assert await anext(stream.aiter_raw()) == b"data: first\n\n"
            assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200


async def test_sockets_are_counted_as_such(opened: OpenEntrance) -> None:
    raw = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
    async with opened("in-process") as entrance:
        async with entrance.line() as line:
            await line.ask(b"GET /api/nobody/v1/ws HTTP/1.1\r\n" + raw + b"\r\n")

        assert 'method="WEBSOCKET",route="unmatched",status="404"' in await entrance.metrics()
