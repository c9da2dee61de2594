"""The token endpoint and the sign-in page of the identity service alone, on a real PostgreSQL: CPU of the serving process per answer.

Every answer is a real one: a client's secret is checked against its registration as it is then, each refresh token is used once and
gives the next, each sign-in judges a password with Argon2id.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from multiprocessing.synchronize import Event as Stop
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import orjson

from bench.figures import Figure, percentile
from bench.http import CONNECTIONS, Server, serve_bare
from bench.load import Compose, LoadResult, load, load_composed
from chassis.crypto import KeyRing, new_master_key
from chassis.migrations import upgrade
from host.stack.postgres import EmbeddedPostgres
from standards.citizen_id import check_character
from standards.uscc import make_uscc

TOKENS = 3_000
SIGN_INS = 40
SIGNING_IN_AT_ONCE = 4
GOAL = "≥ 1,500/s per core"

HERE = "/api/identity/v1"
CALLBACK = "http://127.0.0.1/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PASSWORD = "correct horse 电池"
DEPARTMENT = make_uscc("11", "511602", "MB000001")
SECRET = "s" * 43
AUTHORIZATION = {
    "response_type": "code", "client_id": "tongban-demo", "redirect_uri": CALLBACK, "scope": "identity.self", "state": "s",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


async def _serve_identity(port: int, stop: Stop, arguments: tuple[str, str]) -> None:
    from host.serving import serving
    from services.identity.app import create_app
    from services.identity.settings import IdentitySettings

    database_url, master_key = arguments
    settings = IdentitySettings(
        database_url=database_url,
        master_key=master_key,
        peers={"identity": f"http://127.0.0.1:{port}"},
        run_relay=False,
        run_consumers=False,
        log_level="WARNING",
    )
    async with serving(create_app(settings), port):
        await asyncio.to_thread(stop.wait)


def _citizen(serial: int) -> str:
    first_17 = f"51160219900101{serial:03d}"
    return first_17 + check_character(first_17)


def _post(port: int, path: str, form: Mapping[str, str], **headers: str) -> bytes:
    body = urlencode(form).encode()
    lines = [f"POST {HERE}{path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/x-www-form-urlencoded"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def measure_tokens(scratch: Path) -> list[Figure]:
    """Client credentials, refreshing without and with an id token, sign-ins; each against the bare framework's no-op."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedPostgres(scratch / "postgres"))
        await server.ensure_databases(["identity"])
        await upgrade("identity", server.dsn("identity"))
        master_key = new_master_key()
        bare, identity = Server(serve_bare), Server(_serve_identity, (server.dsn("identity"), master_key))
        stack.callback(bare.close)
        stack.callback(identity.close)
        await bare.ready("/noop")
        await identity.ready("/readyz")
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{identity.port}{HERE}", timeout=60))
        await _settle(http, KeyRing(master_key, service="bench").secret_for("client:svc-operator"))
        noop = (await _measured(bare, lambda count: load(bare.port, "/noop", requests=count), TOKENS * 2))[0]
        figures = [Figure("framework no-op", noop, "µs CPU/request", 1.0)]
        credentials = _post(identity.port, "/token", {"grant_type": "client_credentials", "client_id": "bench", "client_secret": SECRET})
        figures.append(await _of(identity, "client credentials", [lambda _: credentials] * CONNECTIONS, TOKENS, noop))
        for name, scope in (("refresh", "identity.self"), ("refresh with id token", "openid identity.self")):
            firsts = [await _first_refresh_token(http, scope) for _ in range(CONNECTIONS)]
            figures.append(await _of(identity, name, [_refreshing(identity.port, one) for one in firsts], TOKENS, noop))
        signing_in = _post(identity.port, "/authorize", {**AUTHORIZATION, "login": _citizen(1), "password": PASSWORD})
        figures.append(await _of(identity, "sign-in by password", [lambda _: signing_in] * SIGNING_IN_AT_ONCE, SIGN_INS, noop, goal=""))
        return figures


async def _of(server: Server, name: str, composers: list[Compose], count: int, noop: float, *, goal: str = GOAL) -> Figure:
    cpu, result = await _measured(server, lambda some: load_composed(server.port, composers, requests=some), count)
    note = f"{1e6 / cpu:,.0f}/s per core; p50 {percentile(result.latencies, 0.5) * 1000:.1f} ms at {result.rate:,.0f}/s"
    return Figure(name, cpu, "µs CPU/request", cpu / noop, goal, note + (f", {result.failures} FAILED" if result.failures else ""))


async def _measured(server: Server, run: Callable[[int], Any], count: int) -> tuple[float, LoadResult]:
    """Microseconds of the server's CPU per answer, once it is warm."""
    await run(count // 6)
    before = server.cpu_seconds
    result = await run(count)
    return (server.cpu_seconds - before) / count * 1e6, result


async def _settle(http: httpx.AsyncClient, operators_secret: str) -> None:
    """A department with a system, and one person."""
    operator = {"grant_type": "client_credentials", "client_id": "svc-operator", "client_secret": operators_secret}
    token = (await http.post("/token", data=operator)).raise_for_status().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    department = {"name": "市场监督管理局", "region": "511602000000"}
    (await http.put(f"/departments/{DEPARTMENT}", json=department, headers=headers)).raise_for_status()
    system = {"name": "测量", "kind": "confidential", "department": DEPARTMENT, "scopes": ["exchange.subscribe"], "secret": SECRET}
    (await http.put("/clients/bench", json=system, headers=headers)).raise_for_status()
    person = {"name": "王小明", "citizen_id": _citizen(1), "phone": "13900000001", "password": PASSWORD}
    (await http.post("/people", json=person)).raise_for_status()


async def _first_refresh_token(http: httpx.AsyncClient, scope: str) -> str:
    form = {**AUTHORIZATION, "scope": scope, "login": _citizen(1), "password": PASSWORD}
    back = await http.post("/authorize", data=form)
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    redeeming = {
        "grant_type": "authorization_code", "client_id": "tongban-demo", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER,
    }  # fmt: skip
    token: str = (await http.post("/token", data=redeeming)).raise_for_status().json()["refresh_token"]
    return token


def _refreshing(port: int, first: str) -> Compose:
    """Each request with the token that the answer before brought; the token outlives a run."""
    token = first

    def compose(answer: bytes) -> bytes:
        nonlocal token
        if answer:
            token = orjson.loads(answer)["refresh_token"]
        return _post(port, "/token", {"grant_type": "refresh_token", "client_id": "tongban-demo", "refresh_token": token})

    return compose
