"""The size and the time a request may take."""

import asyncio
from collections.abc import AsyncIterator

import h11
import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import Seen, never, piece, read_all, reply, start

LIMIT = 100_000


async def _pieces(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 1_000):
        yield bytes(1_000)


def _whole(entrance: Entrance) -> list[Seen]:
    """Requests whose body reached the service to its end."""
    return entrance.toy.seen


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_up_to_the_limit_passes(opened: OpenEntrance, shape: Shape, is_chunked: bool) -> None:
    async with opened(shape, file_bytes=LIMIT) as entrance:
        answer = await entrance.http.put("/api/toy/v1/f", content=_pieces(LIMIT) if is_chunked else bytes(LIMIT))

        assert answer.json()["body_bytes"] == LIMIT


async def test_a_body_that_says_it_is_over_the_limit_is_refused_before_it_is_sent(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, file_bytes=LIMIT) as entrance, entrance.line() as line:
        answer = await line.ask(b"POST /api/toy/v1/f HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1))

        assert answer.status == 413
        assert answer.json()["limit_bytes"] == LIMIT
        assert _whole(entrance) == []


async def test_a_body_that_grows_over_the_limit_is_refused(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, file_bytes=LIMIT) as entrance:
        answer = await entrance.http.post("/api/toy/v1/f", content=_pieces(LIMIT + 1_000))

        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:tongban:problem:too-large"
        assert _whole(entrance) == []
        assert (await entrance.http.get("/api/toy/v1/x")).status_code == 200


@pytest.mark.parametrize("length", [b"9" * 30, b"00000000000000000000000000000000005", b"18446744073709551616"])
async def test_an_absurd_length_is_no_error_of_ours(opened: OpenEntrance, shape: Shape, length: bytes) -> None:
    async with opened(shape, file_bytes=LIMIT) as entrance, entrance.line() as line:
        answer = await line.ask(b"POST /api/toy/v1/f HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\nhello")

        assert answer.status in (200, 400, 413)


async def test_a_body_on_get_passes(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        answer = await entrance.http.request("GET", "/api/toy/v1/search", content=b"by body")

        assert answer.json()["body_bytes"] == 7


async def test_an_empty_body_with_a_length_passes(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        await entrance.http.post("/api/toy/v1/x", headers={"Content-Length": "0"})

        assert entrance.toy.seen[0].values("content-length") == ["0"]
        assert "transfer-encoding" not in entrance.toy.seen[0].names


async def test_a_service_that_takes_too_long_is_given_up_with_a_problem(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, request_seconds=0.2) as entrance:
        entrance.toy.on("/api/toy/v1/never", never)

        answer = await entrance.http.get("/api/toy/v1/never")

        assert answer.status_code == 504
        assert answer.json()["type"] == "urn:tongban:problem:deadline-exceeded"
        assert int(answer.headers["retry-after"]) > 0


async def test_the_deadline_a_client_sets_ends_its_request(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        entrance.toy.on("/api/toy/v1/never", never)

        answer = await entrance.http.get("/api/toy/v1/never", headers={"X-Deadline-Ms": "100"})

        assert answer.status_code == 504


async def test_a_body_that_stops_coming_is_given_up(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, idle_seconds=0.2) as entrance, entrance.line() as line:
        answer = await line.ask(b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")

        assert answer.status == 408
        assert answer.json()["type"] == "urn:tongban:problem:too-slow"
        assert await line.is_closed()
        assert _whole(entrance) == []


async def test_an_upload_may_take_longer_than_a_request_while_it_goes_on(opened: OpenEntrance, shape: Shape) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield bytes(20_000)
            await asyncio.sleep(0.1)

    async with opened(shape, request_seconds=0.3, idle_seconds=5) as entrance:
        answer = await entrance.http.post("/api/toy/v1/x", content=pieces())

        assert answer.json()["body_bytes"] == 120_000


async def test_a_download_may_take_longer_than_a_request_while_it_goes_on(opened: OpenEntrance, shape: Shape) -> None:
    async def slowly(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200)
        for _ in range(6):
            await asyncio.sleep(0.1)
            await piece(send, b"part")
        await piece(send, b"", is_last=True)

    async with opened(shape, request_seconds=0.3, idle_seconds=5) as entrance:
        entrance.toy.on("/api/toy/v1/slowly", slowly)

        assert (await entrance.http.get("/api/toy/v1/slowly")).content == b"part" * 6


async def test_an_answer_that_stops_coming_is_broken_off(opened: OpenEntrance, shape: Shape) -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200)
        await piece(send, b"begun")
        await never(scope, receive, send)

    async with opened(shape, idle_seconds=0.3) as entrance, entrance.line() as line:
        entrance.toy.on("/api/toy/v1/endless", endless)

        with pytest.raises(h11.RemoteProtocolError):
            await line.ask(b"GET /api/toy/v1/endless HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_a_service_given_up_is_told_so(opened: OpenEntrance, network: Shape) -> None:
    is_told = asyncio.Event()

    async def patient(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        assert (await receive())["type"] == "http.disconnect"
        is_told.set()

    async with opened(network, request_seconds=0.2) as entrance:
        entrance.toy.on("/api/toy/v1/patient", patient)

        assert (await entrance.http.get("/api/toy/v1/patient")).status_code == 504
        await asyncio.wait_for(is_told.wait(), 10)


async def test_requests_beyond_the_connections_wait_for_their_turn(opened: OpenEntrance, network: Shape) -> None:
    waiting, may_go = 0, asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            may_go.set()
        await may_go.wait()
        await reply(send, 200, b"{}")

    async with opened(network, connections=2) as entrance:
        entrance.toy.on("/api/toy/v1/slow", slow)

        answers = await asyncio.gather(*(entrance.http.get("/api/toy/v1/slow") for _ in range(7)))

        assert {answer.status_code for answer in answers} == {200}
        assert waiting == 7
