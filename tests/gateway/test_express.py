"""The seam between the short way and the long one: what is plain, what falls through, and that nobody outside can tell which it was."""

import asyncio
import re
from typing import Any

import h11
import pytest
from starlette.types import Receive, Scope, Send

from gateway.alarm import Alarm
from gateway.upload import READ_AHEAD
from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import piece, read_all, replying, start
from tests.gateway.wire import Conversation, Line, raw_server
from tests.support.waiting import until

HOST = b"Host: x\r\n"
GET = b"GET /api/toy/v1/x HTTP/1.1\r\n" + HOST
OF_ONE_REQUEST = re.compile(rb"(x-request-id: |traceparent: 00-|date: )[^\r]+|;t=\d+")


def _taken(entrance: Entrance) -> int:
    assert entrance.express is not None
    return entrance.express.taken


async def _known(entrance: Entrance, **claims: Any) -> bytes:
    """A header with a token that the gateway has verified before."""
    token = entrance.issuer.token("person", **claims)
    await entrance.http.get("/api/toy/v1/before", headers={"Authorization": f"Bearer {token}"})
    return b"Authorization: Bearer " + token.encode() + b"\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        GET + b"\r\n",
        b"GET /api/toy/v1/x?q=%E5%8A%9E&b= HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nbody",
        b"PUT /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
        b"DELETE /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"\r\n",
        GET + b"Connection: keep-alive\r\nCookie: a=b\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
        GET + b"X-Request-Id: from-the-client\r\nX-Deadline-Ms: 5000\r\nAccept-Language: en\r\n\r\n",
    ],
)
async def test_a_plain_request_goes_the_short_way(opened: OpenEntrance, raw: bytes) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        assert (await line.ask(raw)).status == 200
        assert _taken(entrance) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/toy/v1/%E5%8A%9E HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /api/toy/v1/a/../x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /api/toy/v1 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /api/nobody/v1/x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET http://x/api/toy/v1/x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /api/toy/v1/x HTTP/1.0\r\n\r\n",
        b"OPTIONS /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (READ_AHEAD + 1) + bytes(READ_AHEAD + 1),
        GET + b"Origin: https://elsewhere.example\r\n\r\n",
        GET + b"Connection: x-secret, keep-alive\r\nX-Secret: a\r\n\r\n",
        GET + b"Accept: text/event-stream\r\n\r\n",
        GET + b"X-Twice: a\r\nX-Twice: b\r\n\r\n",
        GET + "X-Name: 张三\r\n\r\n".encode(),
        GET + b"Authorization: Bearer not.seen.before\r\n\r\n",
        GET + b"Authorization: Basic YTpi\r\n\r\n",
        GET + b"Signature-Input: sig=()\r\nSignature: sig=:a:\r\n\r\n",
        GET + b"DPoP: a.b.c\r\n\r\n",
        GET + b"Client-Cert: :a:\r\n\r\n",
        GET + b"X-SSL-Client-Cert: a\r\n\r\n",
    ],
)
async def test_a_request_that_needs_thought_takes_the_long_way(opened: OpenEntrance, raw: bytes) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        await line.ask(raw)
        assert _taken(entrance) == 0


async def test_a_token_is_plain_once_it_was_verified_and_not_when_it_is_bound_to_a_key(opened: OpenEntrance) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        person = await _known(entrance)
        bound = await _known(entrance, cnf={"jkt": "a-thumbprint"})
        assert _taken(entrance) == 0

        assert (await line.ask(GET + person + b"\r\n")).values("ratelimit-policy") == ['"person";q=3000;w=3600']
        assert _taken(entrance) == 1
        await line.ask(GET + bound + b"\r\n")
        assert _taken(entrance) == 1


async def test_a_token_whose_key_is_no_longer_known_is_not_remembered(opened: OpenEntrance) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        person = await _known(entrance)
        await line.ask(GET + person + b"\r\n")
        assert _taken(entrance) == 1
        assert entrance.express is not None
        entrance.express._verifier._keys.clear()

        await line.ask(GET + person + b"\r\n")
        assert _taken(entrance) == 1


async def test_in_one_process_there_is_no_short_way(opened: OpenEntrance) -> None:
    async with opened("in-process") as entrance:
        assert entrance.express is None


async def test_a_quota_that_is_used_up_is_refused_the_long_way_and_counts_both(opened: OpenEntrance) -> None:
    async with opened("express", source_requests=40) as entrance, entrance.line() as line:
        replies = [await line.ask(GET + b"\r\n") for _ in range(41)]

        assert [reply.status for reply in replies] == [200] * 40 + [429]
        assert replies[40].json()["type"] == "urn:tongban:problem:rate-limited"
        assert _taken(entrance) == 40


async def test_a_body_that_is_still_to_come_takes_the_long_way(opened: OpenEntrance) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        await line.send(b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nbo")
        await line.send(b"dy")

        assert (await line.reply()).json()["body_bytes"] == 4


ANSWERS: dict[str, bytes] = {
    "with its length": b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nServer: s\r\nETag: "1"\r\n\r\n{}',
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: t\r\n\r\n",
    "to the end of its connection": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
    "of HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "that names a header away": b"HTTP/1.1 200 OK\r\nConnection: x-a, close\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 2\r\n\r\n{}",
    "with headers of ours": b"HTTP/1.1 200 OK\r\nCache-Control: max-age=5\r\nX-Request-Id: theirs\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Length: 2\r\n\r\n{}",
    "with origins of its own": b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\n{}",
    "with equal values": b"HTTP/1.1 200 OK\r\nAge: 2\r\nContent-Length: 2\r\nX-A: 2\r\nX-A: 3\r\n\r\n{}",
    "without a body": b"HTTP/1.1 204 No Content\r\nETag: x\r\nContent-Length: 0\r\n\r\n",
    "that is not modified": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 500\r\n\r\n",
    "after an early hint": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /a\r\nContent-Length: 2\r\n\r\n{}",
    "that is a problem": b"HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}",
}


def _answering(raw: bytes) -> Conversation:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            if b"Connection:" in raw or b"HTTP/1.0" in raw:
                return

    return talk


async def _bytes_told(opened: OpenEntrance, shape: Shape, raw: bytes, request: bytes) -> tuple[bytes, int]:
    """What a client receives, without what no two answers share; and how many requests went the short way."""
    async with (
        raw_server(_answering(raw)) as port,
        opened(shape, addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance,
        entrance.line() as line,
    ):
        await line.send(request)
        told = await line._reader.read(-1)
        return OF_ONE_REQUEST.sub(b"", told), _taken(entrance) if shape == "express" else 0


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_the_same_byte_for_byte_both_ways(opened: OpenEntrance, name: str) -> None:
    request = GET + b"Connection: close\r\n\r\n"
    long, _ = await _bytes_told(opened, "network", ANSWERS[name], request)
    short, taken = await _bytes_told(opened, "express", ANSWERS[name], request)

    assert short == long
    assert taken == 1
    assert long.startswith(b"HTTP/1.1 2") or b"409" in long or b"304" in long


@pytest.mark.parametrize(
    "request_",
    [
        GET + b"\r\n",
        b"GET /api/toy/v1/x?a=%20b&c HTTP/1.1\r\n" + HOST + b"Accept: */*\r\nX-Real-IP: 1.2.3.4\r\nx_odd: 1\r\nVia: proxy\r\n\r\n",
        b"GET /api/toy/v1/x? HTTP/1.1\r\n" + HOST + b"Cookie: a=b\r\nTracestate: a=b\r\nX-Tongban-Actor: me\r\n\r\n",
        b"POST /api/toy/v1/x HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: text/plain\r\nContent-Length: 4\r\nIdempotency-Key: 12345678\r\n\r\nbody",
        b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"\r\n",
        b"DELETE /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
        b"GET /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\nby",
    ],
)
async def test_a_service_is_asked_the_same_both_ways(opened: OpenEntrance, request_: bytes) -> None:
    asked = []
    for shape in ("network", "express"):
        async with opened(shape) as entrance, entrance.line() as line:
            assert (await line.ask(request_)).status == 200
            [seen] = entrance.toy.seen
            once = {"host", "x-request-id", "traceparent", "x-deadline-ms"}
            assert once <= seen.names
            headers = sorted(pair for pair in seen.headers if pair[0] not in once)
            asked.append((seen.method, seen.raw_path, seen.query, headers, seen.body))
            assert shape == "network" or _taken(entrance) == 1

    assert asked[0] == asked[1]


async def test_a_second_request_behind_a_plain_one_is_answered_after_it(opened: OpenEntrance) -> None:
    async with opened("express") as entrance, entrance.line() as line:
        await line.send(GET + b"\r\n" + GET.replace(b"/x", b"/y") + b"\r\n" + GET.replace(b"/x", b"/z") + b"\r\n")

        assert [(await line.reply()).json()["path"] for _ in range(3)] == [f"/api/toy/v1/{name}" for name in "xyz"]
        assert (await line.ask(GET + b"\r\n")).status == 200


@pytest.mark.parametrize("surplus", [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"junk"])
async def test_what_a_service_says_unasked_reaches_nobody(opened: OpenEntrance, surplus: bytes) -> None:
    async with (
        raw_server(_answering(ANSWERS["with its length"] + surplus)) as port,
        opened("express", addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance,
        entrance.line() as line,
    ):
        assert [(await line.ask(GET + b"\r\n")).body for _ in range(4)] == [b"{}"] * 4
        assert _taken(entrance) > 1


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: c\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 777 Odd\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
async def test_an_answer_that_could_be_read_in_two_ways_is_not_passed_on(opened: OpenEntrance, head: bytes) -> None:
    async with (
        raw_server(_answering(head)) as port,
        opened("express", addresses={"toy": f"http://127.0.0.1:{port}"}) as entrance,
        entrance.line() as line,
    ):
        reply = await line.ask(b"POST /api/toy/v1/x HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n", method="POST")

        assert (reply.status, _taken(entrance)) == (503, 1)
        assert reply.json()["type"] == "urn:tongban:problem:peer-unavailable"


async def test_an_event_stream_that_nobody_asked_for_ends_in_good_order_when_the_gateway_stops(opened: OpenEntrance) -> None:
    is_left = asyncio.Event()

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await start(send, 200, ("content-type", "text/event-stream"))
        await piece(send, b"data: 1\n\n")
        while (await receive())["type"] != "http.disconnect":
            pass
        is_left.set()

    async with opened("express") as entrance:
        entrance.toy.on("/api/toy/v1/x", streaming)
        reader, writer = await asyncio.open_connection("127.0.0.1", entrance.port)
        line = Line(reader, writer)
        await line.send(GET + b"\r\n")
        events = line.events()
        while not isinstance(await anext(events), h11.Data):
            pass
        assert _taken(entrance) == 1

    assert [type(event) async for event in events] == [h11.EndOfMessage]
    assert is_left.is_set()
    writer.close()


async def test_a_plain_request_is_counted_logged_and_gives_back_what_it_took(opened: OpenEntrance) -> None:
    async with opened("express", connections=1) as entrance, entrance.line() as line:
        entrance.toy.on("/api/toy/v1/x", replying(201, b"12345"))
        for _ in range(5):
            assert (await line.ask(GET + b"\r\n")).status == 201
        assert _taken(entrance) == 5
        assert 'route="/api/toy/v1",status="201"} 5.0' in await entrance.metrics()


async def test_an_idle_line_is_closed_and_another_is_opened_when_it_is_wanted(opened: OpenEntrance) -> None:
    async with opened("express") as entrance:
        assert entrance.express is not None
        backend = entrance.express._backend
        [lines] = [lines for instance, lines in backend._lines.items() if instance in backend._services["toy"].all]
        lines._idle_seconds = 0.0
        lines._sweep()
        assert (lines._idle, lines._all) == ([], set())
        lines._idle_seconds = 60.0

        assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200
        await until(lambda: len(lines._idle) == 1)
        assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200
        assert _taken(entrance) == 1


def _never() -> None:
    raise AssertionError("rang")


async def test_an_alarm_that_is_moved_rings_once_and_one_that_is_cleared_never() -> None:
    loop, rung = asyncio.get_running_loop(), list[float]()
    alarm, silent = Alarm(loop, lambda: rung.append(loop.time())), Alarm(loop, _never)
    began = loop.time()
    alarm.set(began + 0.01)
    alarm.set(began + 0.08)
    silent.set(began + 0.01)
    silent.clear()

    await until(lambda: bool(rung))

    assert rung[0] >= began + 0.075
    assert len(rung) == 1
    assert not alarm.is_set
