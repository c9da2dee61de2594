"""Which pages may call, and what every answer tells a browser."""

import pytest

from tests.gateway.conftest import OpenEntrance, Shape
from tests.gateway.toy import replying

HALL = "https://hall.example"
PREFLIGHT = {"Origin": HALL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


async def test_a_preflight_of_a_registered_hall_is_answered_at_the_gateway(opened: OpenEntrance) -> None:
    async with opened("in-process", allowed_origins=[HALL]) as entrance:
        answer = await entrance.http.options("/api/toy/v1/x", headers=PREFLIGHT)

        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == HALL
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in answer.headers
        assert entrance.toy.seen == []


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://hall.example.evil.example", "http://hall.example", "null", "https://HALL.example", "*"]
)
async def test_a_preflight_of_another_origin_is_refused(opened: OpenEntrance, origin: str) -> None:
    async with opened("in-process", allowed_origins=[HALL]) as entrance:
        answer = await entrance.http.options("/api/toy/v1/x", headers={**PREFLIGHT, "Origin": origin})

        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:tongban:problem:origin-not-allowed"
        assert "access-control-allow-origin" not in answer.headers
        assert entrance.toy.seen == []


async def test_answers_may_be_read_by_pages_of_the_hall_only(opened: OpenEntrance) -> None:
    async with opened("in-process", allowed_origins=[HALL]) as entrance:
        entrance.toy.on(
            "/api/toy/v1/x", replying(200, b"{}", ("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true"))
        )
        to_hall = await entrance.http.get("/api/toy/v1/x", headers={"Origin": HALL})
        to_other = await entrance.http.get("/api/toy/v1/x", headers={"Origin": "https://evil.example"})
        refused = await entrance.http.get("/api/nobody/v1/x", headers={"Origin": HALL})

    assert to_hall.headers["access-control-allow-origin"] == HALL
    assert "RateLimit" in to_hall.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in to_other.headers
    assert {to_hall.headers["vary"], to_other.headers["vary"]} == {"Origin"}
    assert refused.headers["access-control-allow-origin"] == HALL


async def test_a_service_s_own_word_on_origins_does_not_pass(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network) as entrance:
        entrance.toy.on(
            "/api/toy/v1/x", replying(200, b"{}", ("access-control-allow-origin", "*"), ("Server", "toy"), ("X-Powered-By", "toy"))
        )
        answer = await entrance.http.get("/api/toy/v1/x", headers={"Origin": HALL})

    assert not {"access-control-allow-origin", "server", "x-powered-by", "vary"} & set(answer.headers)


@pytest.mark.parametrize("path", ["/api/toy/v1/x", "/api/nobody/v1/x", "/healthz", "/nowhere"])
async def test_every_answer_is_safe_to_show(opened: OpenEntrance, path: str) -> None:
    async with opened("in-process", public_url="https://tongban.example") as entrance:
        answer = await entrance.http.get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "server" not in answer.headers


async def test_without_tls_nobody_is_told_to_use_it(opened: OpenEntrance) -> None:
    async with opened("in-process") as entrance:
        assert "strict-transport-security" not in (await entrance.http.get("/healthz")).headers


async def test_a_page_s_own_policy_stands(opened: OpenEntrance, network: Shape) -> None:
    async with opened(network) as entrance:
        entrance.toy.on(
            "/api/toy/v1/x", replying(200, b"", ("content-security-policy", "default-src 'self'"), ("cache-control", "max-age=60"))
        )
        answer = await entrance.http.get("/api/toy/v1/x")

    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers.get_list("cache-control") == ["max-age=60"]
