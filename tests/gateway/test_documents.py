"""What the gateway answers by itself: health, discovery, the merged document and its page."""

import asyncio
import re

import orjson
import pytest

from host.services import SERVICES
from host.stack.processes import free_ports
from tests.gateway.conftest import Entrance, OpenEntrance, Shape
from tests.gateway.toy import never, replying
from tests.gateway.wire import raw_server
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_merged_document_describes_every_service(entrance: Entrance) -> None:
    answer = await entrance.http.get("/openapi.json")

    document = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert {path.split("/")[2] for path in document["paths"] if path.startswith("/api/")} == set(SERVICES)


async def test_the_document_names_the_origin_people_use(opened: OpenEntrance) -> None:
    async with opened("in-process", public_url="https://tongban.example") as entrance:
        assert (await entrance.http.get("/openapi.json")).json()["servers"] == [{"url": "https://tongban.example"}]


async def test_the_page_of_the_document_needs_nothing_from_elsewhere(entrance: Entrance) -> None:
    page = await entrance.http.get("/docs")

    addresses = re.findall(r'(?:src|href|url)\s*[=:]\s*"([^"]+)"', page.text)
    assert len(addresses) == 3
    for address in addresses:
        assert re.match(r"/[^/]", address)
        assert (await entrance.http.get(address)).status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "//" not in page.headers["content-security-policy"]
    assert 'lang="zh-CN"' in page.text


async def test_the_style_of_the_page_fetches_nothing(entrance: Entrance) -> None:
    style = (await entrance.http.get("/docs/assets/swagger-ui.css")).text

    fetched = re.findall(r"url\(\s*['\"]?([^)'\"]{1,20})", style) + re.findall(r"@import\s+['\"]([^'\"]+)", style)
    assert [address for address in fetched if not address.startswith("data:")] == []


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/.well-known/openid-configuration"])
async def test_own_pages_are_read_and_not_written(entrance: Entrance, path: str) -> None:
    entrance.toy.on("/readyz", replying(200, b"{}"))
    entrance.identity.on("/readyz", replying(200, b"{}"))

    assert (await entrance.http.head(path)).status_code == 200
    refused = await entrance.http.post(path)
    assert refused.status_code == 405
    assert "GET" in refused.headers["allow"]
    assert refused.json()["type"] == "urn:tongban:problem:method-not-allowed"


async def test_discovery_is_the_document_of_identity(entrance: Entrance) -> None:
    document = orjson.dumps({"issuer": "http://127.0.0.1:8000"})
    entrance.identity.on("/api/identity/v1/openid-configuration", replying(200, document, ("content-type", "application/json")))

    answer = await entrance.http.get("/.well-known/openid-configuration")

    assert answer.json() == {"issuer": "http://127.0.0.1:8000"}
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers.get_list("x-request-id")) == 1


async def test_discovery_without_identity_is_a_problem(opened: OpenEntrance) -> None:
    [nobody] = free_ports(1)
    async with opened("network", addresses={"identity": f"http://127.0.0.1:{nobody}"}) as entrance:
        answer = await entrance.http.get("/.well-known/openid-configuration")

        assert answer.status_code == 503
        assert answer.json()["peer"] == "identity"
        assert int(answer.headers["retry-after"]) > 0


async def test_readiness_tells_of_every_service(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, check_seconds=0.02) as entrance:
        await until(lambda: _services(entrance, identity=True, toy=True))

        assert (await entrance.http.get("/readyz")).json() == {"status": "ready", "services": {"identity": True, "toy": True}}


async def test_a_service_that_is_not_ready_is_named_and_the_gateway_goes_on_taking_traffic(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, check_seconds=0.02) as entrance:
        entrance.toy.on("/readyz", replying(503, b"{}"))
        await until(lambda: _services(entrance, identity=True, toy=False))

        answer = await entrance.http.get("/readyz")

        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        entrance.toy.on("/readyz", replying(200, b"{}"))
        await until(lambda: _services(entrance, identity=True, toy=True))


async def test_a_service_that_is_down_is_not_ready(opened: OpenEntrance) -> None:
    [nobody] = free_ports(1)
    async with opened("network", addresses={"toy": f"http://127.0.0.1:{nobody}"}, check_seconds=0.02) as entrance:
        await until(lambda: _services(entrance, identity=True, toy=False))


async def test_services_that_hang_are_not_ready_and_do_not_hang_the_answer(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape, check_seconds=0.02) as entrance:
        entrance.toy.on("/readyz", never)
        entrance.identity.on("/readyz", never)

        await until(lambda: _services(entrance, identity=False, toy=False))


async def test_a_gateway_that_has_not_looked_yet_takes_no_traffic(opened: OpenEntrance) -> None:
    async with (
        raw_server(_silent) as silent,
        opened("network", addresses={"toy": f"http://127.0.0.1:{silent}"}, check_seconds=60) as entrance,
    ):
        answer = await entrance.http.get("/readyz")

        assert (answer.status_code, answer.json()["status"]) == (503, "starting")
        assert (await entrance.http.get("/healthz")).json()["status"] == "alive"


async def _services(entrance: Entrance, **states: bool) -> bool:
    return bool((await entrance.http.get("/readyz")).json()["services"] == states)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_readiness_is_not_among_the_requests_counted_for_a_service(opened: OpenEntrance, shape: Shape) -> None:
    async with opened(shape) as entrance:
        await entrance.http.get("/readyz")

        assert 'route="/api/' not in await entrance.metrics()
