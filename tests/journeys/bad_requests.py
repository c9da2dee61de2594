"""A vocabulary of wrong requests: what is sent, by whom, and what it must be answered with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import httpx
import orjson

from chassis.crypto import KeyRing
from host.city_bodies import SAMPLE_PASSWORD
from host.demo.journey import Journey
from host.demo.sign_in import sign_in, sign_in_system
from host.load_city import system_secret
from tests.support.suite import RunningSuite
from tests.support.tokens import Issuer

_OVERSIZED = 3 * 1024 * 1024
_PAGES = "text/html"


@dataclass(frozen=True, slots=True)
class Bad:
    """One wrong request. `who` is a player of the journey or an outsider, None for nobody; `content` is httpx's."""

    what: str
    method: str
    path: str
    who: str | None
    status: int | tuple[int, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None

    def by(self, who: str | None, status: int | tuple[int, ...], what: str) -> "Bad":
        """The same request by somebody else."""
        return replace(self, who=who, status=status, what=what)


class Outsiders:
    """People and systems that have nothing to do with the journey, signed in once."""

    def __init__(self, suite: RunningSuite, journey: Journey) -> None:
        self._suite = suite
        self._journey = journey

    async def token(self, who: str) -> str:
        gateway = self._journey.gateway
        if who == "another citizen":
            return await sign_in(gateway, "13900000001", SAMPLE_PASSWORD)
        if who == "another department's reviewer":
            return await sign_in(gateway, "health.reviewer", SAMPLE_PASSWORD)
        if who == "another department's system":
            keys = KeyRing((self._suite.var / "master.key").read_text().strip(), service="tests")
            return await sign_in_system(gateway, "sys-health", system_secret(keys, "sys-health"))
        return await self._journey.token(who)


def broken_bodies(request: Bad) -> Iterator[Bad]:
    """A JSON request, its body spoilt in every way a body can be."""
    body = orjson.dumps(request.content.get("json", {}))
    spoilt: dict[str, tuple[bytes, int | tuple[int, ...]]] = {
        "no body": (b"", (400, 422)),
        "half a body": (body[: len(body) // 2] or b"{", 400),
        "broken UTF-8": (b'{"name": "\xff\xfe\xc3("}', (400, 422)),
        "a NUL": (b'{"name": "a\\u0000b"}', (400, 422)),
        "half a surrogate": (b'{"name": "\\ud800"}', (400, 422)),
        "a list": (b"[1, 2, 3]", 422),
        "a text": (b'"text"', 422),
        "not a number": (b'{"name": NaN}', (400, 422)),
        "nested too deep": (b'{"name":' * 5000 + b"1" + b"}" * 5000, (400, 422)),
        "unknown members": (orjson.dumps({"unknown": 1, "__proto__": {}}), 422),
        "too much": (b'{"name": "' + b"a" * _OVERSIZED + b'"}', 413),
    }
    for what, (raw, status) in spoilt.items():
        headers = {**request.headers, "Content-Type": "application/json"}
        yield replace(request, what=f"{request.what}: {what}", status=status, headers=headers, content={"content": raw})


def wrong_tokens(request: Bad, genuine: str) -> Iterator[Bad]:
    """A good request with tokens that are none."""
    head, payload, signature = genuine.split(".")
    swapped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    spoilt = {
        "no token": None,
        "not a token": "not-a-token",
        "another signature": f"{head}.{payload}.{swapped}",
        "no signature": f"{head}.{payload}.",
        "another's key": Issuer().token("person", "intake.apply", "identity.self", "certificates.own"),
        "an enormous token": "a" * 9000,
    }
    for what, token in spoilt.items():
        yield replace(
            request, what=f"{request.what}: {what}", status=401 if token is None or len(token) < 9000 else (401, 431), who=None, token=token
        )


async def refused(journey: Journey, outsiders: Outsiders, bad: Bad) -> None:
    """Send it; it must be answered with a problem of the status it deserves."""
    token = bad.token or (await outsiders.token(bad.who) if bad.who else None)
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **bad.headers}
    answer = await journey.http.request(bad.method, bad.path, headers=headers, **bad.content)
    statuses = (bad.status,) if isinstance(bad.status, int) else bad.status
    assert answer.status_code in statuses, f"{bad.what}: {answer.status_code} {answer.text[:500]}"
    if answer.headers.get("content-type", "").startswith(_PAGES):
        return
    _is_a_problem(bad, answer)


def _is_a_problem(bad: Bad, answer: httpx.Response) -> None:
    assert "json" in answer.headers["content-type"], f"{bad.what}: {answer.headers['content-type']}"
    problem = answer.json()
    assert problem["type"].startswith("urn:tongban:problem:"), bad.what
    assert problem["status"] == answer.status_code, bad.what
    assert problem["title"], bad.what


def fresh_key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def seen(journey: Journey) -> dict[str, Any]:
    """All that the players can see of their matters, to compare before and after."""
    seen: dict[str, Any] = {}
    if journey.story.organisation_id:
        token = await journey.token("organisation")
        seen["applications"] = [row async for row in journey.rows("/api/intake/v1/applications", token)]
        seen["certificates"] = [row["id"] async for row in journey.rows("/api/certificates/v1/wallet", token)]
        if journey.story.application_id:
            path = f"/api/intake/v1/applications/{journey.story.application_id}"
            seen["application"] = (await journey.gateway.call("GET", path, token=token)).json()
    subscriptions = "/api/exchange/v1/subscriptions"
    seen["subscriptions"] = [row async for row in journey.rows(subscriptions, await journey.token("system"))]
    return seen
