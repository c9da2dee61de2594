"""Headers: what only the gateway may say, what ends at a connection, and what passes untouched."""

import re

import pytest

from tests.gateway.conftest import Entrance
from tests.gateway.toy import Seen, replying

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _seen(entrance: Entrance, *headers: bytes, source: str = "127.0.0.1") -> Seen:
    raw = b"\r\n".join([b"GET /api/toy/v1/x HTTP/1.1", b"Host: public.example", *headers, b"", b""])
    async with entrance.line(source=source) as line:
        answer = await line.ask(raw)
    assert answer.status == 200
    return entrance.toy.seen[-1]


async def test_the_peer_address_replaces_what_the_client_claims(entrance: Entrance) -> None:
    claims = (b"X-Forwarded-For: 10.0.0.1", b"x-forwarded-for: 10.0.0.2", b"X-Real-IP: 10.0.0.3", b"Forwarded: for=10.0.0.4")

    seen = await _seen(entrance, *claims, source="127.0.0.9")

    assert seen.values("x-forwarded-for") == ["127.0.0.9"]
    assert not {"x-real-ip", "forwarded"} & seen.names


@pytest.mark.parametrize("header", [b"X-Forwarded-Host: evil.example", b"X-Forwarded-Proto: https", b"X-Forwarded-Prefix: /evil"])
async def test_claims_about_the_entrance_are_stripped(entrance: Entrance, header: bytes) -> None:
    seen = await _seen(entrance, header)

    assert header.partition(b":")[0].decode().lower() not in seen.names


async def test_a_client_cannot_lengthen_its_deadline(entrance: Entrance) -> None:
    seen = await _seen(entrance, b"X-Deadline-Ms: 99999999", b"x-deadline-ms: 88888888")

    [deadline] = seen.values("x-deadline-ms")
    assert 0 < int(deadline) <= 30_000


async def test_a_client_may_shorten_its_deadline(entrance: Entrance) -> None:
    seen = await _seen(entrance, b"X-Deadline-Ms: 5000")

    assert 0 < int(seen.values("x-deadline-ms")[0]) <= 5_000


async def test_a_harmless_request_id_is_kept_and_answered(entrance: Entrance) -> None:
    answer = await entrance.http.get("/api/toy/v1/x", headers={"X-Request-Id": "from-the-client-1"})

    assert answer.headers.get_list("x-request-id") == ["from-the-client-1"]
    assert entrance.toy.seen[0].values("x-request-id") == ["from-the-client-1"]


async def test_a_strange_request_id_is_replaced_by_one_of_ours(entrance: Entrance) -> None:
    answer = await entrance.http.get("/api/toy/v1/x", headers={"X-Request-Id": 'no" spaces, please'})

    [request_id] = entrance.toy.seen[0].values("x-request-id")
    assert re.fullmatch("[0-9a-f]{24}", request_id)
    assert answer.headers["x-request-id"] == request_id


async def test_the_trace_goes_on_with_a_span_of_the_gateway(entrance: Entrance) -> None:
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    await entrance.http.get("/api/toy/v1/x", headers={"traceparent": f"00-{trace}-{span}-01"})

    [passed] = entrance.toy.seen[0].values("traceparent")
    assert passed.split("-")[1] == trace
    assert passed.split("-")[2] != span


async def test_hop_by_hop_headers_end_at_the_gateway(entrance: Entrance) -> None:
    hops = (b"Keep-Alive: 5", b"TE: trailers", b"Trailer: X-Sum", b"Proxy-Authorization: Basic eA==", b"Proxy-Connection: keep-alive")

    seen = await _seen(entrance, *hops)

    assert not {"keep-alive", "te", "trailer", "proxy-authorization", "proxy-connection"} & seen.names


async def test_headers_that_connection_names_end_at_the_gateway(entrance: Entrance) -> None:
    seen = await _seen(
        entrance, b"Connection: X-Mine,  x-yours ", b"connection: keep-alive, X-Third", b"X-Mine: 1", b"X-Yours: 2", b"X-Third: 3"
    )

    assert not {"x-mine", "x-yours", "x-third"} & seen.names


async def test_connection_cannot_name_away_what_the_gateway_says(entrance: Entrance) -> None:
    seen = await _seen(entrance, b"Connection: X-Forwarded-For, X-Deadline-Ms, X-Request-Id, traceparent, content-length")

    assert seen.names >= {"x-forwarded-for", "x-deadline-ms", "x-request-id", "traceparent"}


async def test_other_headers_pass_in_order_with_all_their_values(entrance: Entrance) -> None:
    seen = await _seen(entrance, b"X-List: a", b"X-Other: o", b"x-list: b, c", b"Cookie: one=1; two=2", b'If-Match: W/"3"', b"X-Empty:")

    assert seen.values("x-list") == ["a", "b, c"]
    assert seen.values("cookie") == ["one=1; two=2"]
    assert seen.values("if-match") == ['W/"3"']
    assert seen.values("x-empty") == [""]


async def test_the_gateway_adds_no_header_of_its_client_library(entrance: Entrance) -> None:
    seen = await _seen(entrance)

    ours = {"host", "x-forwarded-for", "x-deadline-ms", "x-request-id", "traceparent"}
    assert seen.names | {"host"} == ours


async def test_chinese_in_a_header_passes(entrance: Entrance) -> None:
    seen = await _seen(entrance, "X-Name: 食品".encode())

    assert seen.values("x-name")[0].encode("latin-1").decode() == "食品"


@pytest.mark.parametrize("header", [b"X-A: a\x00b", b"X-A: a\x01b", b"X A: b", b": nothing", b"X-A : b", b" folded: b", b"X-A: a\rX-B: b"])
async def test_a_header_that_is_none_is_refused_or_harmless(entrance: Entrance, header: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")

    assert answer.status == 400
    assert entrance.toy.seen == []


async def test_bytes_that_are_no_text_in_a_header_are_not_an_error_of_ours(entrance: Entrance) -> None:
    await _seen(entrance, b"X-Old: caf\xe9")


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: -1",
        b"Content-Length: 5x",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: xchunked",
    ],
)
async def test_a_request_whose_end_is_disputable_is_refused(entrance: Entrance, framing: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /api/toy/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    async with entrance.line() as line:
        answer = await line.ask(b"POST /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + smuggled)
        assert answer.status == 400
        assert await line.is_closed()

    assert entrance.toy.seen == []


async def test_headers_of_the_answer_pass_and_hop_by_hop_ones_do_not(over_network: Entrance) -> None:
    said = (
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("etag", '"7"'),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("keep-alive", "timeout=9"),
    )
    over_network.toy.on("/api/toy/v1/x", replying(200, b"{}", *said))

    answer = await over_network.http.get("/api/toy/v1/x")

    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["etag"] == '"7"'
    assert not {"x-hop", "keep-alive"} & set(answer.headers)
    assert len(answer.headers.get_list("date")) == 1


async def test_a_compressed_answer_passes_as_it_is(over_network: Entrance) -> None:
    over_network.toy.on("/api/toy/v1/x", replying(200, b"\x1f\x8b-not-even-gzip", ("content-encoding", "gzip")))

    async with over_network.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.values("content-encoding") == ["gzip"]
    assert answer.body == b"\x1f\x8b-not-even-gzip"


async def test_cookies_of_one_client_never_reach_another(over_network: Entrance) -> None:
    over_network.toy.on("/api/toy/v1/sign-in", replying(200, b"{}", ("set-cookie", "session=of-the-first; Path=/")))
    async with over_network.line() as line:
        await line.ask(b"GET /api/toy/v1/sign-in HTTP/1.1\r\nHost: x\r\n\r\n")

    seen = await _seen(over_network)

    assert "cookie" not in seen.names
