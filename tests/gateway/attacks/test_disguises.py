"""Addresses and headers that pretend: paths with two meanings, and claims only the gateway may make."""

import pytest

from tests.gateway.conftest import Entrance, OpenEntrance, Shape

pytestmark = pytest.mark.asyncio(loop_scope="module")

DISGUISED = {
    "escaped dots": b"/api/toy/v1/%2e%2e/%2e%2e/identity/v1/me",
    "half escaped dots": b"/api/toy/v1/.%2e/x",
    "escaped slash": b"/api/toy/v1/a%2f..%2fb",
    "escaped backslash": b"/api/toy/v1/..%5cb",
    "twice escaped dots": b"/api/toy/v1/%252e%252e/x",
    "twice escaped slash": b"/api/toy/v1/a%252fb",
    "overlong dot": b"/api/toy/v1/%c0%ae%c0%ae/x",
    "overlong slash": b"/api/toy/v1/a%c0%afb",
    "overlong in three bytes": b"/api/toy/v1/a%e0%80%afb",
    "surrogate": b"/api/toy/v1/a%ed%a0%80",
    "broken UTF-8": b"/api/toy/v1/a%ff",
    "IIS unicode escape": b"/api/toy/v1/a%u002fb",
    "NUL": b"/api/toy/v1/a%00.json",
    "CRLF": b"/api/toy/v1/a%0d%0aX-Admin:%201",
    "raw bytes": "/api/toy/v1/食品".encode(),
    "absolute with dots": b"http://x/api/toy/v1/../../identity/v1/me",
}
CLAIMS = [
    b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-Proto", b"X-Forwarded-Port", b"X-Forwarded-User", b"X-Forwarded-Client-Cert",
    b"Forwarded", b"X-Real-IP", b"True-Client-IP", b"CF-Connecting-IP", b"X-Client-IP", b"X-Original-URL", b"X-Rewrite-URL",
    b"X-HTTP-Method-Override", b"X-Remote-User", b"X-SSL-Client-Cert", b"X-SSL-Client-S-DN", b"X-Tongban-Actor", b"X-Deadline-Ms",
    b"X_Real_IP", b"X_Forwarded_For",
]  # fmt: skip


@pytest.mark.parametrize("target", DISGUISED.values(), ids=DISGUISED.keys())
async def test_a_disguised_address_is_refused_with_a_problem(entrance: Entrance, target: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.status in (400, 404)
    assert answer.values("content-type") == ["application/problem+json"]
    assert answer.values("x-admin") == []
    assert entrance.toy.seen == entrance.identity.seen == []


@pytest.mark.parametrize("target", ["/api/toy/v1/食品".encode(), b"/api/toy/v1/\xff"])
async def test_an_address_that_is_not_escaped_is_told_so_in_the_reader_s_language(entrance: Entrance, target: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n")

    assert (answer.status, answer.values("content-language")) == (400, ["en"])
    assert "percent-encode" in answer.json()["detail"]


@pytest.mark.parametrize("name", CLAIMS)
async def test_a_claim_only_the_gateway_may_make_does_not_pass(entrance: Entrance, name: bytes) -> None:
    async with entrance.line() as line:
        await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n" + name + b": 10.9.8.7\r\n\r\n")

    [seen] = entrance.toy.seen
    assert not any("10.9.8.7" in value for _, value in seen.headers)


async def test_the_host_a_client_names_is_not_believed(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.ask(b"GET http://evil.example/api/toy/v1/x HTTP/1.1\r\nHost: evil.example\r\n\r\n")

    assert not any("evil" in value for _, value in entrance.toy.seen[0].headers)


@pytest.mark.parametrize(
    ("claims", "source"),
    [
        ([b"203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4, 203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4", b"203.0.113.7"], "203.0.113.7"),
        ([b"203.0.113.7, 127.0.0.4"], "203.0.113.7"),
        ([b"127.0.0.5, 127.0.0.4"], "127.0.0.5"),
        ([b"[2001:db8::7]:4711"], "2001:db8::7"),
        ([b"203.0.113.7:4711"], "203.0.113.7"),
        ([b"::ffff:203.0.113.7"], "203.0.113.7"),
        ([b"1.2.3.4, nonsense"], "127.0.0.3"),
        ([b"1.2.3.4,"], "127.0.0.3"),
        ([b""], "127.0.0.3"),
        ([], "127.0.0.3"),
    ],
)
async def test_behind_a_trusted_balancer_the_source_is_what_it_saw_and_not_what_was_spoofed(
    behind_a_balancer: Entrance, claims: list[bytes], source: str
) -> None:
    headers = b"".join(b"X-Forwarded-For: " + claim + b"\r\n" for claim in claims)
    async with behind_a_balancer.line(source="127.0.0.3") as line:
        await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")

    assert behind_a_balancer.toy.seen[0].values("x-forwarded-for") == [source]


async def test_who_is_no_trusted_balancer_is_not_believed(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network, trusted_proxies=["10.0.0.0/8"]) as entrance, entrance.line(source="127.0.0.3") as line:
        await line.ask(b"GET /api/toy/v1/x HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")

        assert entrance.toy.seen[0].values("x-forwarded-for") == ["127.0.0.3"]
