"""Requests that two servers could read differently: none of it reaches a service, and nothing overtakes an answer."""

import pytest

from tests.gateway.conftest import Entrance
from tests.gateway.toy import Seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n"
SMUGGLED = b"GET /api/toy/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def _lengthy(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


AMBIGUOUS = {
    "CL.TE": HEAD + _lengthy(b"0\r\n\r\n" + SMUGGLED) + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE.CL": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + SMUGGLED + b"\r\n0\r\n\r\n",
    "CL.0 twice": HEAD + b"Content-Length: 0\r\nContent-Length: 49\r\n\r\n" + SMUGGLED,
    "same length twice": HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
    "length list": HEAD + b"Content-Length: 4, 4\r\n\r\nabcd",
    "signed length": HEAD + b"Content-Length: +4\r\n\r\nabcd",
    "hex length": HEAD + b"Content-Length: 0x4\r\n\r\nabcd",
    "length beyond 64 bits": HEAD + b"Content-Length: 18446744073709551620\r\n\r\nabcd",
    "TE space before colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE xchunked": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE identity": HEAD + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE chunked, then another": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE gzip, chunked": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "TE quoted": HEAD + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + SMUGGLED,
    "TE vertical tab": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE folded": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE on HTTP/1.0": b"POST /api/toy/v1/x HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE behind bare LF": HEAD + b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE behind bare CR": HEAD + b"X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "bare LF for the end of the head": HEAD + b"Content-Length: 0\n\n" + SMUGGLED,
    "bare LF after the request line": b"GET /api/toy/v1/x HTTP/1.1\nHost: x\r\n\r\n",
    "NUL in a name": HEAD + b"X\x00: a\r\n\r\n",
    "NUL in a value": HEAD + b"X: a\x00b\r\n\r\n",
    "two hosts": b"GET /api/toy/v1/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": b"GET /api/toy/v1/x HTTP/1.1\r\n\r\n",
    "HTTP/2 in the line": b"GET /api/toy/v1/x HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /api/toy/v1/x\r\n\r\n",
    "space in the target": b"GET /api/toy/v1/x /y HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
BROKEN_CHUNKS = {
    "size with sign": b"+4\r\nabcd\r\n0\r\n\r\n",
    "size with prefix": b"0x4\r\nabcd\r\n0\r\n\r\n",
    "size with space": b"4 \r\nabcd\r\n0\r\n\r\n",
    "size with underscore": b"1_0\r\nabcd\r\n0\r\n\r\n",
    "size beyond 64 bits": b"10000000000000004\r\nabcd\r\n0\r\n\r\n",
    "data longer than its size": b"2\r\nabcd\r\n0\r\n\r\n",
    "bare LF after the size": b"4\nabcd\r\n0\r\n\r\n",
    "bare LF after the data": b"4\r\nabcd\n0\r\n\r\n",
    "bare CR in an extension": b"4;a\rb\r\nabcd\r\n0\r\n\r\n",
    "length in a trailer": b"4\r\nabcd\r\n0\r\nContent-Length: 7\r\n\r\n",
    "NUL in an extension": b"4;a\x00\r\nabcd\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("raw", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
async def test_a_request_that_can_be_read_in_two_ways_is_refused_with_a_problem(entrance: Entrance, raw: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(raw)
        assert await line.is_closed()

    assert answer.status == 400
    assert answer.values("content-type") == ["application/problem+json"]
    assert answer.json()["type"] == "urn:tongban:problem:unreadable-request"
    assert entrance.toy.seen == []


@pytest.mark.parametrize("chunks", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS.keys())
async def test_chunks_that_can_be_read_in_two_ways_are_refused(entrance: Entrance, chunks: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED)
        assert await line.is_closed()

    assert answer.status == 400
    assert entrance.toy.seen == []


async def test_a_trailer_adds_no_header_to_the_request(entrance: Entrance) -> None:
    trailers = b"Authorization: Bearer x\r\nX-Admin: yes\r\n"
    async with entrance.line() as line:
        answer = await line.ask(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers + b"\r\n")

    assert answer.status == 200
    [seen] = entrance.toy.seen
    assert seen.body == b"{}"
    assert not {"authorization", "x-admin"} & seen.names
    assert seen.values("content-length") in ([], ["2"])


async def test_chunked_is_recognised_in_any_case_and_reaches_the_service_with_one_framing(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.ask(HEAD + b"transfer-encoding: CHUNKED\r\n\r\n4;ext=1\r\nabcd\r\n0\r\n\r\n")

    [seen] = entrance.toy.seen
    assert seen.body == b"abcd"
    assert _framings(seen) <= 1


async def test_connection_cannot_name_away_the_length_of_a_body(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.ask(HEAD + b"Connection: content-length, keep-alive\r\n" + _lengthy(SMUGGLED) + b"\r\n" + SMUGGLED)

    [seen] = entrance.toy.seen
    assert seen.body == SMUGGLED


async def test_what_is_no_request_does_not_overtake_the_answer_before_it(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.send(b"GET /api/toy/v1/first HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01nonsense\r\n\r\n")
        answer = await line.reply()
        assert await line.is_closed()

    assert answer.json()["path"] == "/api/toy/v1/first"


async def test_what_follows_a_request_that_closes_is_not_read(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.send(b"GET /api/toy/v1/first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + SMUGGLED)
        assert (await line.reply()).json()["path"] == "/api/toy/v1/first"
        assert await line.is_closed()

    assert [seen.raw_path for seen in entrance.toy.seen] == ["/api/toy/v1/first"]


@pytest.mark.parametrize("protocol", [b"h2c", b"tls/1.0", b"x"])
async def test_what_follows_a_request_to_upgrade_is_not_taken_for_a_request(entrance: Entrance, protocol: bytes) -> None:
    raw = b"GET /api/toy/v1/first HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n"
    async with entrance.line() as line:
        await line.send(raw + SMUGGLED)
        assert (await line.reply()).json()["path"] == "/api/toy/v1/first"
        assert await line.is_closed()

    assert [seen.raw_path for seen in entrance.toy.seen] == ["/api/toy/v1/first"]


async def test_a_body_within_a_request_to_upgrade_is_refused(entrance: Entrance) -> None:
    handshake = b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
    async with entrance.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/ws HTTP/1.1\r\nHost: x\r\n" + handshake + _lengthy(SMUGGLED) + b"\r\n" + SMUGGLED)

    assert answer.status == 400
    assert entrance.toy.seen == []


async def test_an_answer_of_a_service_cannot_split_the_answer_to_the_client(entrance: Entrance) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/a%0d%0aSet-Cookie:%20x HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.status == 400
    assert answer.values("set-cookie") == []


def _framings(seen: Seen) -> int:
    return len(seen.values("content-length")) + len(seen.values("transfer-encoding"))
