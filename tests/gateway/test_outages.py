"""Services that are not there, die, or talk nonsense; clients that go away."""

import asyncio
from contextlib import suppress

import h11
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.upload import READ_AHEAD
from host.stack.processes import free_ports
from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import piece, read_all, start
from tests.gateway.wire import Conversation, raw_server
from tests.support.waiting import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def _saying(raw: bytes) -> Conversation:
    """Answers every connection's first request with this, then closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    return talk


def _assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:tongban:problem:peer-unavailable"
    assert answer.json()["peer"] == "toy"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_that_is_down_is_a_problem_that_says_when_to_come_back(opened: OpenEntrance, network: Shape, method: str) -> None:
    [nobody] = free_ports(1)
    async with opened(network, addresses={"toy": f"http://127.0.0.1:{nobody}"}) as entrance:
        _assert_unavailable(await entrance.http.request(method, "/api/toy/v1/x", content=b"body" if method == "POST" else None))

        assert (await entrance.http.get("/api/identity/v1/x")).status_code == 200


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"HTTP/1.1",
        b"what?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
    ],
)
async def test_a_service_that_talks_nonsense_is_unavailable(opened: OpenEntrance, network: Shape, nonsense: bytes) -> None:
    async with raw_server(_saying(nonsense)) as port, opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance:
        _assert_unavailable(await entrance.http.get("/api/toy/v1/x"))


@pytest.mark.parametrize(
    "broken", [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
async def test_an_answer_that_breaks_off_breaks_off_for_the_client(opened: OpenEntrance, network: Shape, broken: bytes) -> None:
    async with (
        raw_server(_saying(broken)) as port,
        opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance,
        entrance.line() as line,
    ):
        with pytest.raises(h11.RemoteProtocolError):
            await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_an_app_that_fails_in_the_middle_of_its_answer_breaks_off_for_the_client(opened: OpenEntrance) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200)
        await piece(send, b"half")
        raise RuntimeError("in the middle")

    async with opened("in-process") as entrance, entrance.line() as line:
        entrance.toy.on("/api/toy/v1/x", failing)
        with pytest.raises(h11.RemoteProtocolError):
            await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_an_app_that_fails_before_its_answer_is_a_problem_without_a_trace(opened: OpenEntrance) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a secret of the inside")

    async with opened("in-process") as entrance:
        entrance.toy.on("/api/toy/v1/x", failing)

        answer = await entrance.http.get("/api/toy/v1/x")

        assert answer.status_code == 500
        assert answer.json()["type"] == "urn:tongban:problem:internal"
        assert "secret" not in answer.text


@pytest.mark.parametrize(
    "request_", [b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"]
)
async def test_when_the_client_goes_away_the_call_to_the_service_ends(opened: OpenEntrance, network: Shape, request_: bytes) -> None:
    is_asked, is_left = asyncio.Event(), asyncio.Event()

    async def patient(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        is_asked.set()
        assert (await receive())["type"] == "http.disconnect"
        is_left.set()

    async with opened(network) as entrance:
        entrance.toy.on("/api/toy/v1/x", patient)
        async with entrance.line() as line:
            await line.send(request_)
            await asyncio.wait_for(is_asked.wait(), 10)

        await asyncio.wait_for(is_left.wait(), 10)
        await until(lambda: _counted(entrance, "499"))


async def test_when_the_client_goes_away_in_the_middle_of_an_answer_the_service_is_not_read_on(
    opened: OpenEntrance, network: Shape
) -> None:
    is_left = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await start(send, 200)
        await piece(send, b"first")
        assert (await receive())["type"] == "http.disconnect"
        is_left.set()

    async with opened(network) as entrance:
        entrance.toy.on("/api/toy/v1/x", endless)
        async with entrance.line() as line:
            await line.send(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n\r\n")
            events = line.events()
            while not isinstance(await anext(events), h11.Data):
                pass

        await asyncio.wait_for(is_left.wait(), 10)


async def test_an_upload_that_breaks_off_breaks_off_for_the_service(opened: OpenEntrance, network: Shape) -> None:
    is_asked, is_broken = asyncio.Event(), asyncio.Event()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"]
        is_asked.set()
        with suppress(ConnectionResetError):
            await read_all(receive)
            return
        is_broken.set()

    half = bytes(READ_AHEAD)
    for framing in (b"Content-Length: 100000\r\n\r\n" + half, b"Transfer-Encoding: chunked\r\n\r\n10000\r\n" + half + b"\r\n"):
        is_asked.clear()
        is_broken.clear()
        async with opened(network) as entrance:
            entrance.toy.on("/api/toy/v1/x", taking)
            async with entrance.line() as line:
                await line.send(b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n" + framing)
                await asyncio.wait_for(is_asked.wait(), 10)

            await asyncio.wait_for(is_broken.wait(), 10)
            await until(lambda: _counted(entrance, "499"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
async def test_an_idle_connection_the_service_closed_is_no_outage(opened: OpenEntrance, network: Shape, method: str) -> None:
    """The service closes just as the next request is on its way: the race of every keep-alive."""
    answered_on = 0

    async def once_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered_on
        await reader.readuntil(b"\r\n\r\n")
        answered_on += 1
        writer.write(OK.removesuffix(b"{}") if method == "HEAD" else OK)
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(once_each) as port, opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance:
        statuses = [(await entrance.http.request(method, "/api/toy/v1/x")).status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert answered_on == 3


async def test_a_write_that_may_not_be_repeated_is_never_sent_twice_to_a_service_that_hung_up(opened: OpenEntrance, network: Shape) -> None:
    statuses, bodies = await _written_to_a_service_that_hangs_up(opened, network, "POST", {})

    assert (statuses, bodies) == ([503], [b"once"])


@pytest.mark.parametrize(("method", "headers"), [("PUT", {}), ("POST", {"Idempotency-Key": "12345678"})])
async def test_a_write_that_may_be_repeated_is_sent_again_with_its_body(
    opened: OpenEntrance, network: Shape, method: str, headers: dict[str, str]
) -> None:
    statuses, bodies = await _written_to_a_service_that_hangs_up(opened, network, method, headers)

    assert statuses == [200]
    assert len(bodies) >= 2
    assert set(bodies) == {b"once"}


async def _written_to_a_service_that_hangs_up(
    opened: OpenEntrance, network: Shape, method: str, headers: dict[str, str]
) -> tuple[list[int], list[bytes]]:
    """Statuses told and bodies received, when the service closes its idle connection as the write comes."""
    bodies: list[bytes] = []

    async def hangs_up_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"content-length: 4" in head.lower():
                bodies.append(await reader.readexactly(4))
                if len(bodies) == 1:
                    return
            writer.write(OK)

    async with raw_server(hangs_up_once) as port, opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance:
        await entrance.http.get("/api/toy/v1/x")
        answer = await entrance.http.request(method, "/api/toy/v1/x", content=b"once", headers=headers)
    return [answer.status_code], bodies


async def test_a_service_that_comes_back_is_reached_again(opened: OpenEntrance, network: Shape) -> None:
    [port] = free_ports(1)
    async with opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance:
        _assert_unavailable(await entrance.http.get("/api/toy/v1/x"))
        server = await asyncio.start_server(_answer_ok, "127.0.0.1", port)
        async with server:
            assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200


async def _answer_ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)
    writer.close()


async def _counted(entrance: Entrance, status: str) -> bool:
    return f'route="/api/toy/v1",status="{status}"' in await entrance.metrics()
