"""Requests that cost the sender little and are meant to cost the gateway much: floods, endless framing, slowness."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import piece, read_all, start
from tests.support.waiting import until

GET = b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        GET + b"".join(b"X-%d: a\r\n" % number for number in range(200)) + b"\r\n",
        GET + b"X: " + b"a" * 40_000 + b"\r\n\r\n",
        GET + b"X: " + b"a" * 40_000,
        GET + b"".join(b"X: " + b"a" * 500 + b"\r\n" for _ in range(90)) + b"\r\n",
        b"GET /api/toy/v1/" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/toy/v1/" + b"a" * 40_000,
    ],
    ids=["many headers", "long header", "header without end", "many long headers", "long target", "target without end"],
)
async def test_a_flood_in_the_head_is_refused(opened: OpenEntrance, network: Shape, head: bytes) -> None:
    async with opened(network) as entrance, entrance.line() as line:
        answer = await line.ask(head)

        assert answer.status == 431
        assert answer.json()["limit_bytes"] == 32_768
        assert await line.is_closed()
        assert entrance.toy.seen == []


async def test_a_head_up_to_the_limits_passes(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, head_fields=50) as entrance, entrance.line() as line:
        head = GET + b"".join(b"X-%d: " % number + b"a" * 500 + b"\r\n" for number in range(48))
        assert (await line.ask(head + b"\r\n")).status == 200
        assert (await line.ask(head + b"X-A: a\r\n\r\n")).status == 200
        assert (await line.ask(head + b"X-A: a\r\nX-B: b\r\n\r\n")).status == 431


@pytest.mark.parametrize(
    "framing",
    [b"1;" + b"a" * 20_000, b"1;" + b"a=b;" * 6_000 + b"\r\nx\r\n", b"0\r\n" + b"X-T: trailer\r\n" * 2_000, b"0" * 20_000],
    ids=["extension without end", "huge extension", "trailers without end", "zeros without end"],
)
async def test_framing_that_outweighs_the_body_is_refused(opened: OpenEntrance, network: Shape, framing: bytes) -> None:
    async with opened(network) as entrance, entrance.line() as line:
        answer = await line.ask(CHUNKED + framing)

        assert answer.status == 400
        assert await line.is_closed()
        assert entrance.toy.seen == []


async def test_a_body_of_one_byte_chunks_is_no_attack(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network) as entrance, entrance.line() as line:
        answer = await line.ask(CHUNKED + b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n")

        assert answer.json()["body_bytes"] == 20_000


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GET /api/toy", GET, GET + b"X: a"])
async def test_a_head_that_never_ends_is_cut_off(opened: OpenEntrance, network: Shape, begun: bytes) -> None:
    async with opened(network, head_seconds=0.2) as entrance, entrance.line() as line:
        await line.send(begun)
        if begun:
            assert (await line.reply()).status == 408
        assert await line.is_closed()


async def test_a_head_that_drips_is_cut_off(opened: OpenEntrance, network: Shape) -> None:
    """Slowloris: each byte would be a sign of life."""
    async with opened(network, head_seconds=0.3) as entrance, entrance.line() as line:
        dripping = asyncio.create_task(_drip(line.writer, b"GET /api/toy/v1/x HTTP/1.1\r\nX: ", b"a"))
        try:
            assert (await line.reply()).status == 408
        finally:
            dripping.cancel()


async def test_the_second_head_of_a_connection_that_drips_is_cut_off(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, head_seconds=0.3) as entrance, entrance.line() as line:
        assert (await line.ask(GET + b"\r\n")).status == 200
        dripping = asyncio.create_task(_drip(line.writer, GET, b"X: a\r\n"))
        try:
            assert (await line.reply()).status == 408
        finally:
            dripping.cancel()


async def test_a_body_that_drips_is_cut_off_and_holds_no_service(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, idle_seconds=0.4, slowest_bytes=1_000_000) as entrance, entrance.line() as line:
        begun = b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        dripping = asyncio.create_task(_drip(line.writer, begun, b"a"))
        try:
            answer = await line.reply()
        finally:
            dripping.cancel()

        assert (answer.status, answer.json()["type"]) == (408, "urn:tongban:problem:too-slow")
        assert entrance.toy.seen == []


async def test_slow_bodies_do_not_keep_others_from_a_service(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, connections=2) as entrance:
        lines = [entrance.line() for _ in range(8)]
        opened_lines = [await line.__aenter__() for line in lines]
        try:
            for line in opened_lines:
                await line.send(b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")

            assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200
        finally:
            for context in lines:
                await context.__aexit__(None, None, None)


async def test_a_client_that_does_not_take_its_answer_is_cut_off(opened: OpenEntrance, network: Shape) -> None:
    given, is_left = 0, asyncio.Event()

    async def giving(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal given
        await read_all(receive)
        await start(send, 200)
        try:
            while not is_left.is_set():
                given += 1
                await piece(send, bytes(65_536))
                if given > 2_000:
                    return
                leaving = asyncio.ensure_future(receive())
                done, _ = await asyncio.wait([leaving], timeout=0)
                if done:
                    is_left.set()
                leaving.cancel()
        finally:
            is_left.set()

    async with opened(network, idle_seconds=0.4) as entrance, entrance.line() as line:
        entrance.toy.on("/api/toy/v1/giving", giving)
        await line.send(b"GET /api/toy/v1/giving HTTP/1.1\r\nHost: x\r\n\r\n")

        await asyncio.wait_for(is_left.wait(), 20)
        assert given < 2_000
        await until(lambda: _is_counted(entrance))


async def test_connections_beyond_the_limit_are_told_so(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, client_connections=3) as entrance:
        lines = [entrance.line() for _ in range(3)]
        for context in lines:
            await (await context.__aenter__()).send(GET)
        async with entrance.line() as line:
            answer = await line.reply()
            assert (answer.status, answer.json()["type"]) == (503, "urn:tongban:problem:too-many-connections")
        for context in lines:
            await context.__aexit__(None, None, None)


async def _drip(writer: asyncio.StreamWriter, begun: bytes, drop: bytes) -> None:
    writer.write(begun)
    while not writer.is_closing():
        writer.write(drop)
        await asyncio.sleep(0.02)


async def _is_counted(entrance: Entrance) -> bool:
    return 'route="/api/toy/v1",status="200"' in await entrance.metrics()
