"""Bodies pass in pieces, both ways, and no faster than they are taken."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
import hashlib

import h11
import pytest
from starlette.types import Receive, Scope, Send

from gateway.upload import READ_AHEAD
from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import piece, read_all, reply, start
from tests.gateway.wire import raw_server
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024
LARGE = 64 * MIB
MOST_ON_THE_WAY = 32 * MIB
"""What kernels and buffers between two ends may hold; a body held whole would be twice that."""


async def test_a_slow_answer_arrives_before_its_end(entrance: Entrance) -> None:
    may_end = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200)
        await piece(send, b"first")
        await may_end.wait()
        await piece(send, b"last", is_last=True)

    entrance.toy.on("/api/toy/v1/slow", slow)

    async with entrance.http.stream("GET", "/api/toy/v1/slow") as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"first"
        may_end.set()
        assert b"".join([part async for part in pieces]) == b"last"


@pytest.mark.parametrize("length", [None, READ_AHEAD + 5])
async def test_an_upload_reaches_the_service_while_it_is_sent(entrance: Entrance, length: int | None) -> None:
    has_first, parts = asyncio.Event(), list[bytes]()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        first = (await receive())["body"]
        while len(first) < READ_AHEAD:
            first += (await receive())["body"]
        parts.append(first)
        has_first.set()
        parts.append(await read_all(receive))
        await reply(send, 200, b"{}")

    async def halves() -> AsyncIterator[bytes]:
        yield bytes(READ_AHEAD)
        await has_first.wait()
        yield b"other"

    entrance.toy.on("/api/toy/v1/taking", taking)

    answer = await entrance.http.post(
        "/api/toy/v1/taking", content=halves(), headers={} if length is None else {"Content-Length": str(length)}
    )

    assert answer.status_code == 200
    assert parts == [bytes(READ_AHEAD), b"other"]


async def test_a_large_upload_waits_for_a_service_that_does_not_take_it(opened: OpenEntrance, network: Shape) -> None:
    may_read, taken, digest = asyncio.Event(), 0, hashlib.sha256()
    sent, expected, block = 0, hashlib.sha256(), bytes(range(256)) * 256

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal taken
        await may_read.wait()
        while True:
            message = await receive()
            taken += len(message["body"])
            digest.update(message["body"])
            if not message["more_body"]:
                await reply(send, 200, b"{}")
                return

    async def blocks() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < LARGE:
            sent += len(block)
            expected.update(block)
            yield block

    async with opened(network, file_bytes=LARGE) as entrance:
        entrance.toy.on("/api/toy/v1/taking", taking)
        uploading = asyncio.create_task(entrance.http.put("/api/toy/v1/taking", content=blocks()))

        await until(_stands_still(lambda: sent))
        assert 0 < sent < MOST_ON_THE_WAY

        may_read.set()
        assert (await uploading).status_code == 200
        assert (taken, digest.digest()) == (LARGE, expected.digest())


async def test_a_large_answer_waits_for_a_client_that_does_not_take_it(over_network: Entrance) -> None:
    given, block = 0, bytes(MIB)

    async def giving(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal given
        await start(send, 200, ("content-length", str(LARGE)))
        while given < LARGE:
            given += len(block)
            await piece(send, block, is_last=given == LARGE)

    over_network.toy.on("/api/toy/v1/giving", giving)
    async with over_network.http.stream("GET", "/api/toy/v1/giving") as answer:
        await until(_stands_still(lambda: given))
        assert 0 < given < MOST_ON_THE_WAY

        assert sum([len(part) async for part in answer.aiter_raw()]) == LARGE


async def test_an_answer_given_before_the_body_is_read_passes_and_the_connection_goes_on(entrance: Entrance) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, 409, b"no need")

    entrance.toy.on("/api/toy/v1/refusing", refusing)
    async with entrance.line() as line:
        length = READ_AHEAD + 6
        await line.send(b"POST /api/toy/v1/refusing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length + bytes(READ_AHEAD))
        refusal = await line.reply()
        next_answer = await line.ask(b" of itGET /api/toy/v1/next HTTP/1.1\r\nHost: x\r\n\r\n")

    assert (refusal.status, refusal.body) == (409, b"no need")
    assert next_answer.json()["path"] == "/api/toy/v1/next"


async def test_a_large_upload_that_is_refused_at_once_is_answered(over_network: Entrance) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, 422, b"not such a file")

    over_network.toy.on("/api/toy/v1/refusing", refusing)

    answer = await over_network.http.put("/api/toy/v1/refusing", content=bytes(20 * MIB))

    assert (answer.status_code, answer.content) == (422, b"not such a file")


async def test_a_service_that_refuses_and_stops_reading_holds_nothing_up(opened: OpenEntrance, network: Shape) -> None:
    is_let_go = asyncio.Event()

    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 422 No\r\nContent-Length: 2\r\n\r\nno")
        await is_let_go.wait()

    async with raw_server(refusing) as port, opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance:
        answer = await entrance.http.put("/api/toy/v1/x", content=bytes(20 * MIB))

        assert (answer.status_code, answer.content) == (422, b"no")
        await until(lambda: _is_counted(entrance, "422"))
        is_let_go.set()


async def test_a_client_that_expects_to_be_asked_is_asked(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.send(b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        events = line.events(method="POST")
        first = await anext(events)
        assert isinstance(first, h11.InformationalResponse)
        assert first.status_code == 100
        await line.send(b"hello")
        rest = [event async for event in events]

    assert isinstance(rest[0], h11.Response)
    assert entrance.toy.seen[0].body == b"hello"
    assert "expect" not in entrance.toy.seen[0].names


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nETag: x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\nETag: x\r\n\r\n",
    ],
)
async def test_an_answer_that_tells_the_length_of_a_body_it_has_not_is_whole(opened: OpenEntrance, network: Shape, head: bytes) -> None:
    async def bare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)

    async with (
        raw_server(bare) as port,
        opened(network, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance,
        entrance.line() as line,
    ):
        for _ in range(2):
            answer = await line.ask(b"GET /api/toy/v1/bare HTTP/1.1\r\nHost: x\r\n\r\n")

            assert (answer.status in (204, 304), answer.body, answer.values("etag")) == (True, b"", ["x"])


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_body_passes_and_the_connection_goes_on(entrance: Entrance, status: int) -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, status, ("etag", '"1"'))
        await piece(send, b"", is_last=True)

    entrance.toy.on("/api/toy/v1/bare", bare)
    async with entrance.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/bare HTTP/1.1\r\nHost: x\r\n\r\n")
        next_answer = await line.ask(b"GET /api/toy/v1/next HTTP/1.1\r\nHost: x\r\n\r\n")

    assert (answer.status, answer.body, answer.values("etag")) == (status, b"", ['"1"'])
    assert answer.values("transfer-encoding") == []
    assert next_answer.status == 200


def _stands_still(number: Callable[[], int]) -> Callable[[], bool]:
    """A condition: the number is above zero and was the same at the last fifty looks."""
    looks: deque[int] = deque(maxlen=50)

    def has_stood() -> bool:
        looks.append(number())
        return len(looks) == looks.maxlen and looks[0] == looks[-1] > 0

    return has_stood


async def _is_counted(entrance: Entrance, status: str) -> bool:
    """Whether a request is over, not only answered."""
    return f'route="/api/toy/v1",status="{status}"' in await entrance.metrics()
