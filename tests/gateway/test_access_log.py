"""The access log: one line for each request that says who, which way and what came of it, and no secret of any kind."""

from collections.abc import Iterator
import logging
from typing import Any
from uuid import uuid4

import orjson
import pytest
from structlog.testing import capture_logs

from gateway.templates import Templates
from tests.gateway.conftest import Entrance, OpenEntrance
from tests.gateway.toy import replying

CITIZEN = "11010519491231002X"
MOBILE = "13800138000"
SECRETS = ("swordfish", CITIZEN, MOBILE, "cookie-value", "张三", "secret-header")


@pytest.fixture(autouse=True)
def _logging_on() -> Iterator[None]:
    logger = logging.getLogger("tongban.access")
    before = logger.level
    logger.setLevel(logging.INFO)
    yield
    logger.setLevel(before)


async def _line(entrance: Entrance, method: str, path: str, **request: Any) -> dict[str, Any]:
    with capture_logs() as lines:
        await entrance.http.request(method, path, **request)
    [line] = [line for line in lines if line["event"] == "access"]
    return dict(line)


async def test_a_line_says_who_which_way_and_what_came_of_it(opened: OpenEntrance) -> None:
    principal, agent = uuid4(), uuid4()
    async with opened("in-process", log_format="console") as entrance:
        token = entrance.issuer.token("organisation", subject=principal, client_id="hall", act={"sub": str(agent), "name": "李四"})
        entrance.toy.on("/api/toy/v1/x", replying(201, b"12345"))
        line = await _line(
            entrance, "POST", "/api/toy/v1/x", headers={"Authorization": f"Bearer {token}", "X-Request-Id": "request-7"}, content=b"body"
        )

    assert (line["method"], line["route"], line["status"], line["bytes"]) == ("POST", "/api/toy/v1", 201, 5)
    assert (line["client"], line["actor"], line["acting_for"]) == ("hall", f"organisation:{agent}", f"organisation:{principal}")
    assert (line["source"], line["request_id"]) == ("127.0.0.1", "request-7")
    assert len(line["trace_id"]) == 32
    assert 0 <= line["first_byte_ms"] <= line["ms"]


async def test_a_request_full_of_secrets_leaves_none_in_the_logs(opened: OpenEntrance) -> None:
    async with opened("in-process", log_format="console") as entrance:
        token = entrance.issuer.token("person", name="张三")
        headers = {"Authorization": f"Bearer {token}", "Cookie": "session=cookie-value", "X-Mine": "secret-header"}
        with capture_logs() as lines:
            await entrance.http.post(
                f"/api/toy/v1/people/{CITIZEN}/phones/{MOBILE}?password=swordfish&id={CITIZEN}",
                headers=headers, json={"password": "swordfish", "number": CITIZEN},
            )  # fmt: skip
            await entrance.http.get(f"/api/toy/v1/{CITIZEN}%2f?x=swordfish", headers={"Authorization": "Bearer swordfish"})
            await entrance.http.get(f"/nowhere/{CITIZEN}?token=swordfish", headers={"Authorization": "Basic swordfish"})

    written = repr(lines)
    assert len([line for line in lines if line["event"] == "access"]) == 3
    assert [secret for secret in (*SECRETS, token, token.split(".")[1]) if secret in written] == []


async def test_a_refusal_is_a_line_too(opened: OpenEntrance) -> None:
    async with opened("in-process", log_format="console") as entrance:
        line = await _line(entrance, "GET", "/api/toy/v1/x", headers={"Authorization": "Bearer nonsense"})

    assert (line["status"], "actor" in line) == (401, False)


async def test_health_is_not_logged(opened: OpenEntrance) -> None:
    async with opened("in-process", log_format="console") as entrance:
        with capture_logs() as lines:
            await entrance.http.get("/healthz")

    assert [line for line in lines if line["event"] == "access"] == []


async def test_for_machines_a_line_is_json_and_none_is_lost_when_the_gateway_stops(
    opened: OpenEntrance, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened("in-process") as entrance:
        token = entrance.issuer.token("person", name="张三", client_id="hall")
        for _ in range(3):
            await entrance.http.get(f"/api/toy/v1/{CITIZEN}?password=swordfish", headers={"Authorization": f"Bearer {token}"})

    written = capsys.readouterr().err
    lines = [orjson.loads(line) for line in written.splitlines() if '"tongban.access"' in line]
    assert [(line["event"], line["route"], line["status"], line["client"]) for line in lines] == [
        ("access", "/api/toy/v1", 200, "hall")
    ] * 3
    assert [secret for secret in (*SECRETS, token) if secret in written] == []


def test_paths_are_named_by_their_templates() -> None:
    templates = Templates(
        ["/api/toy/v1/things", "/api/toy/v1/things/{id}", "/api/toy/v1/things/{id}/parts/{n}", "/api/toy/v1/things/search"]
    )

    assert templates.of("/api/toy/v1/things/42") == "/api/toy/v1/things/{id}"
    assert templates.of("/api/toy/v1/things/search") == "/api/toy/v1/things/search"
    assert templates.of("/api/toy/v1/things/42/parts/7") == "/api/toy/v1/things/{id}/parts/{n}"
    assert templates.of("/api/toy/v1/things/42/secrets/7") == "/api/toy/v1"
    assert templates.of("/api/toy/v1/") == "/api/toy/v1"
