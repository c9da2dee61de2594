"""Which service a request reaches, and that it reaches it as it was sent."""

import pytest

from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import replying

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_request_reaches_the_service_its_path_names(entrance: Entrance) -> None:
    answer = await entrance.http.post("/api/toy/v1/things?kind=a&kind=b", content=b"hello")

    assert answer.json() == {"method": "POST", "path": "/api/toy/v1/things", "query": "kind=a&kind=b", "body_bytes": 5}
    [seen] = entrance.toy.seen
    assert seen.body == b"hello"
    assert entrance.identity.seen == []


@pytest.mark.parametrize("path", ["/api/nobody/v1/things", "/api/gateway/v1/things", "/api/%74oy/v1/things"])
async def test_an_unknown_service_is_not_found(entrance: Entrance, path: str) -> None:
    answer = await entrance.http.get(path, headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:tongban:problem:no-such-service"
    assert entrance.toy.seen == []


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/toy", "/api/toy/v1", "/api/toy/v2/things", "/API/toy/v1/things", "/healthz/", "/docs/"]
)
async def test_what_is_no_address_of_ours_is_a_problem_and_no_redirect(entrance: Entrance, path: str) -> None:
    answer = await entrance.http.get(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:tongban:problem:not-found"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
async def test_a_method_is_passed_on_whatever_it_is(entrance: Entrance, method: str) -> None:
    answer = await entrance.http.request(method, "/api/toy/v1/things")

    assert answer.status_code == 200
    assert [seen.method for seen in entrance.toy.seen] == [method]


async def test_head_passes_the_headers_of_the_answer_and_no_body(entrance: Entrance) -> None:
    async with entrance.line() as line:
        first = await line.ask(b"HEAD /api/toy/v1/things HTTP/1.1\r\nHost: x\r\n\r\n", method="HEAD")
        second = await line.ask(b"GET /api/toy/v1/things HTTP/1.1\r\nHost: x\r\n\r\n")

    assert (first.status, first.body) == (200, b"")
    assert int(first.values("content-length")[0]) > 0
    assert second.json()["method"] == "GET"


@pytest.mark.parametrize("request_line", [b"BREW /api/toy/v1/pot HTTP/1.1", b"GET /api/toy/v1/x HTTP/9.9", b"nonsense"])
async def test_what_is_not_http_is_refused_and_reaches_nobody(entrance: Entrance, request_line: bytes) -> None:
    async with entrance.line() as line:
        answer = await line.ask(request_line + b"\r\nHost: x\r\n\r\n")

    assert answer.status == 400
    assert entrance.toy.seen == []


async def test_connect_is_refused(entrance: Entrance) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")

    assert 400 <= answer.status < 500
    assert entrance.toy.seen == []


async def test_an_absolute_target_is_taken_by_its_path(entrance: Entrance) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET http://elsewhere.example/api/toy/v1/a HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")

    assert answer.json()["path"] == "/api/toy/v1/a"


async def test_an_old_client_without_host_is_served(entrance: Entrance) -> None:
    async with entrance.line() as line:
        answer = await line.ask(b"GET /api/toy/v1/a HTTP/1.0\r\n\r\n")
        assert answer.status == 200
        assert await line.is_closed()


async def test_a_redirect_is_passed_on_and_not_followed(entrance: Entrance) -> None:
    entrance.toy.on("/api/toy/v1/moved", replying(303, b"", ("location", "/api/toy/v1/there")))

    answer = await entrance.http.post("/api/toy/v1/moved", content=b"x", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/api/toy/v1/there")
    assert entrance.toy.seen == []


@pytest.mark.parametrize("status", [400, 404, 409, 418, 422, 429, 500, 503])
async def test_an_answer_of_the_service_is_passed_on_whatever_its_status(entrance: Entrance, status: int) -> None:
    entrance.toy.on("/api/toy/v1/x", replying(status, b"as it is", ("content-type", "text/plain"), ("retry-after", "7")))

    answer = await entrance.http.get("/api/toy/v1/x")

    assert (answer.status_code, answer.content) == (status, b"as it is")
    assert answer.headers["retry-after"] == "7"


async def test_requests_sent_without_waiting_are_answered_in_order(entrance: Entrance) -> None:
    async with entrance.line() as line:
        await line.send(b"".join(b"GET /api/toy/v1/%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(3)))
        paths = [(await line.reply()).json()["path"] for _ in range(3)]

    assert paths == ["/api/toy/v1/0", "/api/toy/v1/1", "/api/toy/v1/2"]


async def test_a_request_for_another_protocol_is_answered_as_a_plain_one(entrance: Entrance) -> None:
    raw = b"GET /api/toy/v1/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n"
    async with entrance.line() as line:
        answer = await line.ask(raw)

    assert answer.status == 200
    assert not {"upgrade", "http2-settings"} & entrance.toy.seen[0].names


async def test_metrics_name_the_service_and_never_the_path(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        await entrance.http.get("/api/toy/v1/people/secret-number")
        await entrance.http.get("/api/nobody/v1/secret-number")

        metrics = await entrance.metrics()

    assert 'tongban_http_requests_total{method="GET",route="/api/toy/v1",status="200"} 1.0' in metrics
    assert 'tongban_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in metrics
    assert "secret-number" not in metrics
