"""Calls between services: repeated only where that is safe, left alone while a peer is down, and the same in both shapes."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
import time
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI
import orjson
import pytest
from starlette.requests import Request as IncomingRequest
from starlette.responses import JSONResponse, Response

from chassis import context
from chassis import http as chassis_http
from chassis.http import (
    Answer,
    HttpClient,
    PeerConflict,
    PeerRefused,
    PeerUnavailable,
    Request,
    Transport,
    TransportFailed,
)
from chassis.problems import Conflict, DeadlineExceeded, Forbidden, Invalid, NotFound
from chassis.runtime import ISSUER_PEER, ServiceTokens
from chassis.transports import InProcessTransport, NetworkTransport
from host.serving import serving
from host.stack.processes import free_ports
from tests.support.clock import ManualClock
from tests.support.service import MONDAY_MORNING


class Scripted:
    """Answers (or fails) as the list says, the last one for ever; remembers what was asked."""

    def __init__(self, *script: int | TransportFailed | Answer) -> None:
        self.script = list(script)
        self.requests: list[Request] = []

    async def send(self, peer: str, request: Request) -> Answer:
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, TransportFailed):
            raise step
        return (
            step
            if isinstance(step, Answer)
            else Answer(step, {}, orjson.dumps({"type": "urn:tongban:problem:thing-broken", "status": step}))
        )

    async def close(self) -> None:
        """Nothing is open."""


class Token:
    def __init__(self) -> None:
        self.given = 0

    async def token(self) -> str:
        self.given += 1
        return f"own-{self.given}"

    def forget(self) -> None:
        """The next one is new anyway."""


NOT_SENT, SENT = TransportFailed("refused", is_sent=False), TransportFailed("broken off", is_sent=True)


def _client(*script: int | TransportFailed | Answer) -> tuple[HttpClient, Scripted]:
    transport = Scripted(*script)
    return HttpClient(transport, {"toy": "http://toy"}, tokens=Token()), transport


@pytest.mark.parametrize("failure", [NOT_SENT, SENT, 500, 503])
async def test_a_safe_call_is_repeated(failure: Any) -> None:
    client, transport = _client(failure, failure, 200)
    assert (await client.get("toy", "/things")).status == 200
    assert len(transport.requests) == 3


@pytest.mark.parametrize("failure", [SENT, 500, 503])
async def test_a_call_with_an_effect_is_not_repeated_once_it_may_have_been_seen(failure: Any) -> None:
    client, transport = _client(failure, 200)
    with pytest.raises(PeerUnavailable):
        await client.post("toy", "/things", {})
    assert len(transport.requests) == 1


async def test_a_call_with_an_effect_that_never_left_is_repeated() -> None:
    client, transport = _client(NOT_SENT, 201)
    assert (await client.post("toy", "/things", {})).status == 201
    assert len(transport.requests) == 2


async def test_an_idempotency_key_makes_a_call_safe_to_repeat() -> None:
    client, transport = _client(SENT, 503, 201)
    assert (await client.post("toy", "/things", {}, idempotency_key="0123456789")).status == 201
    assert {request.headers["idempotency-key"] for request in transport.requests} == {"0123456789"}


async def test_a_peer_that_keeps_failing_is_left_alone_and_then_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client, transport = _client(NOT_SENT)
    for _ in range(3):
        with pytest.raises(PeerUnavailable):
            await client.get("toy", "/things")
    sent = len(transport.requests)
    assert sent == 5
    with pytest.raises(PeerUnavailable):
        await client.get("toy", "/things")
    assert len(transport.requests) == sent
    later = time.monotonic() + 2.5
    monkeypatch.setattr(chassis_http, "time", SimpleNamespace(monotonic=lambda: later))
    transport.script[:] = [200]
    assert (await client.get("toy", "/things")).status == 200
    assert (await client.get("toy", "/things")).status == 200


async def test_one_peers_outage_does_not_shut_off_another() -> None:
    client, transport = _client(NOT_SENT)
    for _ in range(3):
        with pytest.raises(PeerUnavailable):
            await client.get("toy", "/things")
    transport.script[:] = [200]
    assert (await client.get("other", "/things")).status == 200


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Forbidden), (404, NotFound), (409, Conflict), (422, Invalid), (401, PeerRefused), (400, PeerRefused), (415, PeerRefused)],
)
async def test_a_peers_refusal_is_passed_on_with_its_status_and_words(status: int, kind: type[Exception]) -> None:
    document = {"type": "urn:tongban:problem:thing-broken", "title": "坏了", "status": status, "weight": 3}
    client, transport = _client(Answer(status, {}, orjson.dumps(document)))
    with pytest.raises(kind) as refused:
        await client.get("toy", "/things", token="callers")
    problem = refused.value
    assert isinstance(problem, PeerRefused) and (problem.status, problem.slug) == (status, "thing-broken")
    assert orjson.loads(problem.body("zh", "req")) == {**document, "request_id": "req"}
    assert len(transport.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff"])
async def test_a_refusal_without_a_document_is_still_a_problem(body: bytes) -> None:
    client, _ = _client(Answer(409, {}, body))
    with pytest.raises(PeerConflict) as refused:
        await client.get("toy", "/things")
    assert orjson.loads(refused.value.body("en", None))["status"] == 409


@pytest.mark.parametrize("status", [408, 425, 429])
async def test_a_peer_that_asks_for_patience_is_an_outage_and_not_the_callers_mistake(status: int) -> None:
    client, transport = _client(status)
    with pytest.raises(PeerUnavailable):
        await client.post("toy", "/things", {})
    assert len(transport.requests) == 1


async def test_an_own_token_that_is_refused_is_renewed_once() -> None:
    client, transport = _client(401, 200)
    assert (await client.post("toy", "/things", {}, as_service=True)).status == 200
    assert [request.headers["authorization"] for request in transport.requests] == ["Bearer own-1", "Bearer own-2"]


async def test_an_own_token_that_stays_refused_is_an_outage_and_not_the_callers_401() -> None:
    client, transport = _client(401)
    with pytest.raises(PeerUnavailable):
        await client.get("toy", "/things", as_service=True)
    assert len(transport.requests) == 2


async def test_a_callers_token_is_passed_on_and_never_mixed_with_ours() -> None:
    client, transport = _client(200)
    await client.get("toy", "/things", token="callers")
    await client.get("toy", "/things")
    assert transport.requests[0].headers["authorization"] == "Bearer callers" and "authorization" not in transport.requests[1].headers


async def test_the_context_travels_with_the_deadline() -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    context.enter(context.RequestContext("req-12345678", f"00-{trace}-b7ad6b7169203331-01", "en", deadline=time.monotonic() + 2.0))
    client, transport = _client(200)
    await client.get("toy", "/things", timeout=5.0)
    [request] = transport.requests
    assert (request.headers["x-request-id"], request.headers["accept-language"]) == ("req-12345678", "en")
    assert request.headers["traceparent"].split("-")[1] == trace
    assert 1_000 < int(request.headers["x-deadline-ms"]) <= 2_000 and request.timeout <= 2.0
    context.enter(context.RequestContext("req-12345678", "00-x", deadline=time.monotonic() - 1))
    with pytest.raises(DeadlineExceeded):
        await client.get("toy", "/things")


async def test_an_own_token_is_kept_until_shortly_before_its_end() -> None:
    clock = ManualClock(MONDAY_MORNING)
    tokens = ServiceTokens("svc-toy", "secret", clock)
    transport = Scripted(Answer(200, {}, b'{"access_token": "t", "expires_in": 100}'))
    tokens.http = HttpClient(transport, {})
    assert [await tokens.token() for _ in range(3)] == ["t"] * 3 and len(transport.requests) == 1
    clock.advance(timedelta(seconds=81))
    await tokens.token()
    tokens.forget()
    await tokens.token()
    assert len(transport.requests) == 3
    assert transport.requests[0].body == b"grant_type=client_credentials&client_id=svc-toy&client_secret=secret"


async def test_after_an_outage_of_the_issuer_its_first_call_may_be_the_one_for_our_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was ever asked of the issuer before it went away: the trial call after the pause is the one that fetches the token."""
    tokens = ServiceTokens("svc-toy", "secret", ManualClock(MONDAY_MORNING))
    transport = Scripted(NOT_SENT)
    client = tokens.http = HttpClient(transport, {}, tokens=tokens)
    for _ in range(3):
        with pytest.raises(PeerUnavailable):
            await client.get(ISSUER_PEER, "/standings", as_service=True)
    transport.script[:] = [Answer(200, {}, b'{"access_token": "t", "expires_in": 100}')]
    later = time.monotonic() + 2.5
    monkeypatch.setattr(chassis_http, "time", SimpleNamespace(monotonic=lambda: later))
    assert (await client.get(ISSUER_PEER, "/standings", as_service=True)).status == 200
    assert [request.path.rpartition("/")[2] for request in transport.requests[-2:]] == ["token", "standings"]


# The two transports


def _echo() -> FastAPI:
    app = FastAPI()

    async def echo(request: IncomingRequest) -> Response:
        while request.query_params.get("hang"):  # until the caller gives up
            if (await request.receive())["type"] == "http.disconnect":
                return Response(status_code=499)
        return JSONResponse(
            {
                "method": request.method, "path": request.scope["path"], "raw_path": request.scope["raw_path"].decode(),
                "query": dict(request.query_params), "body": (await request.body()).decode(), "type": request.headers.get("content-type"),
                "in": str(context.current()),
            },
            status_code=int(request.query_params.get("status", "200")), headers={"X-Seen": "1"},
        )  # fmt: skip

    app.add_route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"])
    return app


@pytest.fixture(params=["network", "in-process"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Transport, dict[str, str]]]:
    app = _echo()
    if request.param == "in-process":
        carrier: Transport = InProcessTransport(lambda peer: app if peer == "toy" else None)
        yield carrier, {}
        await carrier.close()
        return
    [port] = free_ports(1)
    async with serving(app, port, lifespan=False):
        over_tcp = NetworkTransport()
        yield over_tcp, {"toy": f"http://127.0.0.1:{port}"}
        await over_tcp.close()


def _nobody(peer: str) -> None:
    """No peer is in this process."""


Carried = tuple[Transport, dict[str, str]]


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/things/1?a=b%26c&d=e+f", ("/api/toy/v1/things/1", {"a": "b&c", "d": "e f"})),
        ("/things/%E9%A3%9F%E5%93%81", ("/api/toy/v1/things/食品", {})),
        ("/things/食品?q=开饭店", ("/api/toy/v1/things/食品", {"q": "开饭店"})),
        ("/things/a%2Fb", ("/api/toy/v1/things/a/b", {})),
        ("/things/100%25", ("/api/toy/v1/things/100%", {})),
    ],
)
async def test_an_address_means_the_same_in_both_shapes(transport: Carried, path: str, seen: tuple[str, dict[str, str]]) -> None:
    client = HttpClient(*transport)
    answer = (await client.get("toy", path)).json()
    assert (answer["path"], answer["query"]) == seen


async def test_body_and_headers_arrive_and_come_back(transport: Carried) -> None:
    client = HttpClient(*transport)
    answer = await client.post("toy", "/things", {"name": "盒子"})
    assert (answer.json()["body"], answer.json()["type"], answer.headers["x-seen"]) == ('{"name":"盒子"}', "application/json", "1")


async def test_a_redirect_is_an_answer_and_not_followed(transport: Carried) -> None:
    assert (await HttpClient(*transport).get("toy", "/things?status=302")).status == 302


async def test_a_peer_that_does_not_answer_in_time_is_unavailable(transport: Carried) -> None:
    with pytest.raises(PeerUnavailable):
        await HttpClient(*transport, attempts=1).get("toy", "/things?hang=1", timeout=0.2)


async def test_the_callers_context_is_its_own_again_after_a_call(transport: Carried) -> None:
    mine = context.RequestContext("req-mine-1234", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    context.enter(mine)
    await HttpClient(*transport).get("toy", "/things")
    assert context.current() is mine


@pytest.mark.parametrize("make", [NetworkTransport, lambda: InProcessTransport(_nobody)])
@pytest.mark.parametrize("peers", [{}, {"toy": "http://127.0.0.1:1"}])
async def test_a_peer_that_is_nowhere_is_unavailable(make: Callable[[], Transport], peers: dict[str, str]) -> None:
    carrier = make()
    with pytest.raises(PeerUnavailable):
        await HttpClient(carrier, peers).get("toy", "/things", timeout=2.0)
    await carrier.close()
