"""A path means the same at the gateway and behind it, or it is refused."""

import pytest

from tests.gateway.conftest import Entrance
from tests.gateway.wire import Reply

STRANGE = [
    b"/api/toy/v1/a%00b",
    b"/api/toy/v1/a%0d%0aX-Evil:%201",
    b"/api/toy/v1/a%0a",
    b"/api/toy/v1/a%1fb",
    b"/api/toy/v1/a%7fb",
    b"/api/toy/v1/a%2fb",
    b"/api/toy/v1/a%2Fb",
    b"/api/toy/v1/a%5cb",
    b"/api/toy/v1/../v1/a",
    b"/api/toy/v1/./a",
    b"/api/toy/v1/%2e%2e/a",
    b"/api/toy/v1/.%2E",
    b"/api/toy/v1/..",
    b"/api/toy/v1//a",
    b"/api//toy/v1/a",
    b"//api/toy/v1/a",
    b"/api/toy/v1/a//",
    b"/api/toy/v1/a%",
    b"/api/toy/v1/a%zz",
    b"/api/toy/v1/a%4",
    b"/%61pi/toy/v1/a",
]
PLAIN = [
    "/api/toy/v1/",
    "/api/toy/v1/a.b..c",
    "/api/toy/v1/...",
    "/api/toy/v1/%E9%A3%9F%E5%93%81",
    "/api/toy/v1/a%20b",
    "/api/toy/v1/a%2500",
    "/api/toy/v1/a;b=c:d@e!$&'()*+,=~",
    "/api/toy/v1/a/",
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _get(entrance: Entrance, target: bytes) -> Reply:
    async with entrance.line() as line:
        return await line.ask(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n")


@pytest.mark.parametrize("path", STRANGE)
async def test_a_strange_path_is_refused_with_a_problem_and_reaches_nobody(entrance: Entrance, path: bytes) -> None:
    answer = await _get(entrance, path)

    assert answer.status in (400, 404)
    assert answer.values("content-type") == ["application/problem+json"]
    assert answer.values("x-evil") == []
    assert entrance.toy.seen == []


@pytest.mark.parametrize("path", PLAIN)
async def test_a_plain_path_passes_letter_by_letter(entrance: Entrance, path: str) -> None:
    answer = await _get(entrance, path.encode())

    assert answer.status == 200
    assert [seen.raw_path for seen in entrance.toy.seen] == [path]


@pytest.mark.parametrize("raw", ["食品".encode(), b"\xff\xfe", b"a\x01b", b"a b"])
async def test_raw_bytes_in_a_path_are_refused(entrance: Entrance, raw: bytes) -> None:
    answer = await _get(entrance, b"/api/toy/v1/" + raw)

    assert answer.status == 400
    assert entrance.toy.seen == []


async def test_a_query_passes_letter_by_letter(entrance: Entrance) -> None:
    await _get(entrance, b"/api/toy/v1/a?q=%E9%A3%9F&a=%2F%0D%0A&b=1+2&c=//../&&d=?x")

    assert entrance.toy.seen[0].query == "q=%E9%A3%9F&a=%2F%0D%0A&b=1+2&c=//../&&d=?x"


@pytest.mark.parametrize("raw", ["食品".encode(), b"\xff", b"a\x01b"])
async def test_raw_bytes_in_a_query_are_refused(entrance: Entrance, raw: bytes) -> None:
    answer = await _get(entrance, b"/api/toy/v1/a?q=" + raw)

    assert answer.status == 400
    assert entrance.toy.seen == []


@pytest.mark.parametrize("query", [b'a="b"', b"a={b}|c^d`e", b"a=<b>", b"a[]=1", b"a=%", b"a=%zz"])
async def test_a_careless_query_passes_as_it_is(entrance: Entrance, query: bytes) -> None:
    answer = await _get(entrance, b"/api/toy/v1/a?" + query)

    assert answer.status == 200
    assert entrance.toy.seen[0].query == query.decode()


async def test_a_question_mark_hides_no_path(entrance: Entrance) -> None:
    await _get(entrance, b"/api/toy/v1/a?/../../identity/v1/b")

    assert [seen.raw_path for seen in entrance.toy.seen] == ["/api/toy/v1/a"]
    assert entrance.identity.seen == []


async def test_a_fragment_is_not_passed_on(entrance: Entrance) -> None:
    await _get(entrance, b"/api/toy/v1/a?b=1#/../c")

    assert entrance.toy.seen[0].raw_path == "/api/toy/v1/a"


@pytest.mark.parametrize(
    "path", [b"/docs/assets/../../pyproject.toml", b"/docs/assets/%2e%2e/%2e%2e/x", b"/docs/assets/a%00b", b"/docs/assets/" + b"a" * 5000]
)
async def test_assets_give_nothing_outside_their_folder(entrance: Entrance, path: bytes) -> None:
    answer = await _get(entrance, path)

    assert answer.status == 404
    assert answer.values("content-type") == ["application/problem+json"]


async def test_a_very_long_path_is_passed_or_refused_but_no_error_of_ours(entrance: Entrance) -> None:
    answer = await _get(entrance, b"/api/toy/v1/" + b"a" * 60_000)

    assert answer.status in (200, 400, 414, 431)
