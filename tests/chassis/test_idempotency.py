"""`Idempotency-Key` and `If-Match`: one effect however often a request comes, and no lost update."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.chassis.conftest import Make
from tests.support.service import ServiceUnderTest
from tests.support.waiting import until

Headers = dict[str, str]
KEY = {"Idempotency-Key": "0123456789abcdef"}


async def _count(toy: ServiceUnderTest, table: str = "things") -> int:
    async with toy.runtime.db.read() as tx:
        return int(await tx.scalar(text(f"SELECT count(*) FROM {table}")))


async def test_the_same_request_gets_the_same_answer_and_has_one_effect(toy: ServiceUnderTest, make: Make) -> None:
    first, again = await make("box", headers=KEY), await make("box", headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201) and first.content == again.content
    for header in ("etag", "location", "content-type"):
        assert first.headers[header] == again.headers[header]
    assert "idempotent-replay" not in first.headers and again.headers["idempotent-replay"] == "true"
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert await _count(toy) == await _count(toy, "outbox") == 1


async def test_the_answer_is_kept_in_the_commit_of_the_effect_so_a_crash_keeps_both_or_none(toy: ServiceUnderTest, make: Make) -> None:
    await make("box", headers=KEY)
    async with toy.runtime.db.read() as tx:
        same = await tx.scalar(text("SELECT (SELECT xmin FROM things) = (SELECT xmin FROM idempotency_keys)"))
    assert same is True


async def test_the_same_key_with_another_body_is_422(toy: ServiceUnderTest, make: Make) -> None:
    await make("box", headers=KEY)
    answer = await make("another", headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongban:problem:idempotency-key-reused")
    assert await _count(toy) == 1


async def test_two_at_once_have_one_effect_and_the_second_is_told_to_wait(toy: ServiceUnderTest, make: Make) -> None:
    gate = toy.runtime.parts["gate"] = asyncio.Event()
    first = asyncio.ensure_future(make("box", headers=KEY))
    await until(lambda: _holds_a_lock(toy))
    second = await make("box", headers=KEY)
    gate.set()
    assert (second.status_code, second.json()["type"]) == (409, "urn:tongban:problem:request-in-progress")
    assert (await first).status_code == 201
    assert (await make("box", headers=KEY)).headers["idempotent-replay"] == "true"
    assert await _count(toy) == 1


async def test_of_twenty_at_once_one_has_its_effect(toy: ServiceUnderTest, make: Make) -> None:
    answers = await asyncio.gather(*(make("box", headers=KEY) for _ in range(20)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made and {answer.status_code for answer in answers} <= {201, 409} and len({answer.content for answer in made}) == 1
    assert await _count(toy) == 1


async def test_a_request_that_failed_may_be_tried_again_with_its_key(toy: ServiceUnderTest, make: Make) -> None:
    toy.runtime.parts["gate"] = asyncio.Event()
    assert (await make("box", headers={**KEY, "X-Deadline-Ms": "50"})).status_code == 504
    del toy.runtime.parts["gate"]
    answer = await make("box", headers=KEY)
    assert answer.status_code == 201 and "idempotent-replay" not in answer.headers


async def test_keys_of_different_actors_and_clients_do_not_meet(toy: ServiceUnderTest, make: Make) -> None:
    subject = uuid4()
    others = [
        toy.as_("person", "toy.make", subject=subject),
        toy.as_("person", "toy.make", subject=subject, client_id="another-client"),
        toy.as_("organisation", "toy.make", subject=subject),
        toy.as_("person", "toy.make", subject=subject, act={"sub": str(uuid4()), "name": "代办"}),
    ]
    for headers in others:
        answer = await make("box", headers={**headers, **KEY})
        assert answer.status_code == 201 and "idempotent-replay" not in answer.headers
    assert await _count(toy) == 4


async def test_a_renewed_token_of_the_same_actor_still_finds_its_answer(toy: ServiceUnderTest, make: Make) -> None:
    subject = uuid4()
    await make("box", headers={**toy.as_("person", "toy.make", subject=subject), **KEY})
    again = await make("box", headers={**toy.as_("person", "toy.make", subject=subject), **KEY})
    assert again.headers["idempotent-replay"] == "true"


async def test_an_answer_to_nobody_in_particular_is_repeated_only_to_the_same_request(toy: ServiceUnderTest) -> None:
    async def post(name: str) -> httpx.Response:
        return await toy.http.post("/things/anonymous", json={"name": name}, headers=KEY)

    first, again, other = await post("box"), await post("box"), await post("x")
    assert first.content == again.content and other.status_code == 422


async def test_a_key_is_of_one_operation(toy: ServiceUnderTest, maker: Headers, make: Make) -> None:
    await make("box", headers=KEY)
    answer = await toy.http.post("/things/anonymous", json={"name": "box"}, headers={**maker, **KEY})
    assert answer.status_code == 201 and "idempotent-replay" not in answer.headers


@pytest.mark.parametrize("key", ["short", "x" * 129, "has space in it", ""])
async def test_a_key_of_the_wrong_shape_is_refused(toy: ServiceUnderTest, make: Make, key: str) -> None:
    answer = await make("box", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tongban:problem:idempotency-key-invalid")
    assert await _count(toy) == 0


async def test_a_refused_key_costs_no_connection(toy: ServiceUnderTest, make: Make) -> None:
    await make("box", headers={"Idempotency-Key": "short"})
    assert toy.runtime.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_replaced_file_under_the_same_key_is_not_taken_for_the_first(toy: ServiceUnderTest, maker: Headers) -> None:
    async def put(content: bytes) -> httpx.Response:
        return await toy.http.put("/pictures/a", content=content, headers={**maker, **KEY})

    first, again, other = await put(b"123"), await put(b"123"), await put(b"12345")
    assert (first.json(), again.headers["idempotent-replay"], other.status_code) == (3, "true", 422)


async def test_a_reading_that_is_recorded_streams_whatever_key_comes_with_it(toy: ServiceUnderTest, maker: Headers) -> None:
    for _ in range(2):
        answer = await toy.http.get("/audited", headers={**maker, **KEY})
        assert (answer.status_code, answer.content) == (200, b"recorded")


# If-Match


async def test_the_second_of_two_who_read_the_same_version_is_told(toy: ServiceUnderTest, maker: Headers, make: Make) -> None:
    made = await make("box")
    path, seen = f"/things/{made.json()['id']}", made.headers["etag"]

    async def put(name: str) -> httpx.Response:
        return await toy.http.put(path, json={"name": name}, headers={**maker, "If-Match": seen})

    statuses = sorted(answer.status_code for answer in await asyncio.gather(put("a"), put("b")))
    assert statuses == [200, 412]
    loser = await put("c")
    assert loser.json()["type"] == "urn:tongban:problem:changed-meanwhile" and (loser.json()["seen"], loser.json()["actual"]) == (1, 2)


@pytest.mark.parametrize("weak", ['W/"1"', "1", ' "1" '])
async def test_an_etag_in_any_of_its_spellings_is_understood(toy: ServiceUnderTest, maker: Headers, make: Make, weak: str) -> None:
    path = f"/things/{(await make('box')).json()['id']}"
    assert (await toy.http.put(path, json={"name": "a"}, headers={**maker, "If-Match": weak})).status_code == 200


@pytest.mark.parametrize(
    ("header", "status"), [(None, 428), ("", 412), ('"x"', 412), ('"²"', 412), ('"' + "9" * 50 + '"', 412), ("*", 412), ('"-1"', 412)]
)
async def test_without_the_version_one_saw_nothing_changes(
    toy: ServiceUnderTest, maker: Headers, make: Make, header: str | None, status: int
) -> None:
    path = f"/things/{(await make('box')).json()['id']}"
    headers = maker if header is None else {**maker, "If-Match": header.encode("latin-1").decode("latin-1")}
    request = toy.http.build_request("PUT", path, json={"name": "changed"}, headers=headers if header is None else maker)
    if header is not None:
        request.headers = httpx.Headers([*request.headers.raw, (b"if-match", header.encode("latin-1"))])
    assert (await toy.http.send(request)).status_code == status
    assert (await toy.http.get(path, headers=maker)).json()["name"] == "box"


async def _holds_a_lock(toy: ServiceUnderTest) -> bool:
    async with toy.runtime.db.read() as tx:
        return bool(await tx.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")))
