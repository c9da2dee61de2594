"""What a service answers when a request is wrong: always a problem document, in the reader's language, never a 500."""

from collections.abc import AsyncIterator
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.problems import Problem, Text
from tests.chassis.conftest import Make
from tests.support.service import ServiceUnderTest

Headers = dict[str, str]
JSON = {"content-type": "application/json"}


async def _count(toy: ServiceUnderTest) -> int:
    async with toy.runtime.db.read() as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM things")))


def _is_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["type"]) == (status, f"urn:tongban:problem:{slug}"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == status and document["title"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


async def test_every_wrong_field_is_pointed_at_in_the_readers_language(toy: ServiceUnderTest, maker: Headers) -> None:
    body = {"name": "", "size": -1, "tags": ["a", "b", "c", "d"], "when": "2026-10-01T09:00:00", "a/b~c": 1}
    chinese = _is_problem(await toy.http.post("/things", json=body, headers=maker), 422, "invalid-request")
    english_answer = await toy.http.post("/things", json=body, headers={**maker, "Accept-Language": "en-GB,zh;q=0.5"})
    english = _is_problem(english_answer, 422, "invalid-request")

    assert english_answer.headers["content-language"] == "en"
    assert {error["pointer"] for error in chinese["errors"]} == {"/name", "/size", "/tags", "/when", "/a~1b~0c"}
    said = {error["pointer"]: (error["detail"]) for error in chinese["errors"]}
    assert said["/name"] == "至少 1 个字符" and said["/size"] == "不小于 0" and said["/tags"] == "最多 3 项"
    assert said["/when"] == "时间应带时区" and said["/a~1b~0c"] == "没有这个字段"
    assert {e["pointer"]: e["detail"] for e in english["errors"]}["/size"] == "must be at least 0"
    assert await _count(toy) == 0


async def test_braces_of_a_pattern_come_out_as_they_are(toy: ServiceUnderTest, maker: Headers) -> None:
    document = _is_problem(await toy.http.post("/things", json={"name": "{x}"}, headers=maker), 422, "invalid-request")
    assert document["errors"][0]["detail"] == "格式应为 ^[^{}]{1,50}$"


async def test_a_missing_body_is_pointed_at_as_the_whole_document(toy: ServiceUnderTest, maker: Headers) -> None:
    document = _is_problem(await toy.http.post("/things", headers=maker), 422, "invalid-request")
    assert [(e["pointer"], e["detail"]) for e in document["errors"]] == [("", "必填")]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "unreadable-body"),
        (b"\xff\xfe", 400, "unreadable-body"),
        (b'{"name": "\xed\xa0\x80"}', 400, "unreadable-body"),
        (b'{"name": "\\ud800"}', 400, "unreadable-body"),
        (b'{"name": "a\x00b"}', 400, "unreadable-body"),
        (b'{"name": "a\\u0000b"}', 400, "unreadable-text"),
        (b'{"name": "a", "note": {"k\\u0000": 1}}', 400, "unreadable-text"),
        (b'{"name": "a", "note": {"k": NaN}}', 400, "unreadable-body"),
        (b'{"name": "a", "note": {"k": 1e999}}', 400, "unreadable-body"),
        (b'{"name": "a", "note": {"k": ' + b"9" * 30 + b"}}", 422, "invalid-request"),
        (b'{"name": "a", "note": {"k": 1e300}}', 422, "invalid-request"),
        (b'{"name": "a", "size": ' + b"9" * 5000 + b"}", 400, "unreadable-body"),
        (b'{"name": "a", "size": 2147483648}', 400, "unreadable-text"),
        (b'{"name": "a", "note": {"k": ' + b"[" * 300 + b"]" * 300 + b"}}", 422, "invalid-request"),
        (b'{"name": "a", "note": ' + b'{"k":' * 2000 + b"1" + b"}" * 2000 + b"}", 400, "unreadable-body"),
        (b"[" * 100_000, 400, "unreadable-body"),
        (b"[]", 422, "invalid-request"),
        (b"null", 422, "invalid-request"),
        (b'"text"', 422, "invalid-request"),
        (b"17", 422, "invalid-request"),
    ],
)
async def test_a_body_no_one_could_keep_is_refused_and_changes_nothing(
    toy: ServiceUnderTest, maker: Headers, body: bytes, status: int, slug: str
) -> None:
    _is_problem(await toy.http.post("/things", content=body, headers={**maker, **JSON}), status, slug)
    assert await _count(toy) == 0


async def test_numbers_and_nesting_within_the_limits_are_kept(make: Make) -> None:
    nested: dict[str, Any] = {}
    for _ in range(50):
        nested = {"a": nested}
    assert (await make(note={"deep": nested, "most": 2**63 - 2**10, "least": -(2**62), "pi": 3.14159})).status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-json-not", ""])
async def test_another_content_type_is_415(toy: ServiceUnderTest, maker: Headers, content_type: str) -> None:
    answer = await toy.http.post("/things", content=b'{"name": "a"}', headers={**maker, "content-type": content_type})
    assert _is_problem(answer, 415, "unsupported-content")["accepted"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"])
async def test_json_by_any_of_its_names_is_taken(toy: ServiceUnderTest, maker: Headers, content_type: str) -> None:
    answer = await toy.http.post("/things", content=b'{"name": "a"}', headers={**maker, "content-type": content_type})
    assert answer.status_code == 201


async def test_a_form_with_a_nul_is_refused(toy: ServiceUnderTest, maker: Headers) -> None:
    answer = await toy.http.post("/things/form", data={"name": "a\x00b"}, headers=maker)
    _is_problem(answer, 400, "unreadable-text")


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("/nothing", 404, "not-found"),
        ("/things/not-a-uuid", 422, "invalid-request"),
        ("/things/01890a5d-ac96-774b-bcce-b302099a8057", 404, "not-found"),
        ("/things/%00", 400, "unreadable-text"),
        ("/things?limit=%00", 400, "unreadable-text"),
        ("/things?limit=0", 422, "invalid-request"),
        ("/things?limit=" + "9" * 5000, 422, "invalid-request"),
        ("/things?limit=1e3", 422, "invalid-request"),
        ("/things?cursor=%zz%", 400, "cursor-invalid"),
        ("/things?cursor=%ff%fe", 400, "unreadable-text"),
        ("/things?cursor=" + "a" * 2000, 422, "invalid-request"),
    ],
)
async def test_a_strange_address_is_a_clear_refusal(toy: ServiceUnderTest, maker: Headers, path: str, status: int, slug: str) -> None:
    _is_problem(await toy.http.get(path, headers=maker), status, slug)


async def test_a_field_error_of_a_query_names_the_place_and_speaks_chinese(toy: ServiceUnderTest) -> None:
    document = _is_problem(await toy.http.get("/things", params={"limit": "9" * 5000}), 422, "invalid-request")
    assert [(e["pointer"], e["detail"]) for e in document["errors"]] == [("query:limit", "整数过大")]


async def test_an_unknown_method_says_which_there_are(toy: ServiceUnderTest, maker: Headers) -> None:
    answer = await toy.http.delete("/things", headers=maker)
    _is_problem(answer, 405, "method-not-allowed")
    assert {"GET", "POST"} & set(answer.headers["allow"].split(", "))


async def test_a_defect_is_a_500_without_a_word_about_the_inside(toy: ServiceUnderTest) -> None:
    answer = await toy.http.get("/crash")
    _is_problem(answer, 500, "internal")
    assert "a defect" not in answer.text and "Traceback" not in answer.text


async def test_a_named_fact_carries_its_members_even_when_json_has_no_number_for_them(toy: ServiceUnderTest, maker: Headers) -> None:
    document = _is_problem(await toy.http.post("/things/broken", json={"name": "box"}, headers=maker), 409, "thing-broken")
    assert document["detail"] == "“box”已损坏。" and document["weight"] == 2**70


def test_a_problem_renders_whatever_its_facts_are() -> None:
    problem = Problem(name="\ud800", detail="{x}")
    assert json.loads(problem.body("zh", "id"))["type"] == "urn:tongban:problem:internal"
    assert Text("{a}{", "{a} {0} {b.c}").render("en", {"a": 1}) == "{a} {0} {b.c}"


# Size


async def test_a_body_over_the_limit_is_413_by_its_declared_length(toy: ServiceUnderTest, maker: Headers) -> None:
    answer = await toy.http.post("/things", content=b"x" * 1_048_577, headers={**maker, **JSON})
    assert _is_problem(answer, 413, "too-large")["limit_bytes"] == 1_048_576


async def test_a_body_over_the_limit_is_413_when_no_length_is_declared(toy: ServiceUnderTest, maker: Headers) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 10_000

    _is_problem(await toy.http.post("/things", content=endless(), headers={**maker, **JSON}), 413, "too-large")


async def test_a_declared_length_that_is_no_number_is_not_believed(toy: ServiceUnderTest, maker: Headers) -> None:
    request = toy.http.build_request("POST", "/things", content=b'{"name": "a"}', headers={**maker, **JSON})
    request.headers = httpx.Headers(
        [*((n, v) for n, v in request.headers.raw if n.lower() != b"content-length"), (b"content-length", b"\xb2")]
    )
    assert (await toy.http.send(request)).status_code == 201


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (1_001, 413)])
async def test_a_route_that_takes_files_has_a_limit_of_its_own(toy: ServiceUnderTest, maker: Headers, size: int, status: int) -> None:
    assert (await toy.http.put("/pictures/a", content=b"x" * size, headers=maker)).status_code == status


async def test_what_is_too_large_for_an_event_is_refused_with_its_whole_transaction(toy: ServiceUnderTest, make: Make) -> None:
    answer = await make(note={"text": "x" * 950_000})
    assert _is_problem(answer, 413, "too-large")["limit_bytes"] == 900_000
    assert await _count(toy) == 0


# Ids, language and time


async def test_a_harmless_request_id_is_kept_and_a_harmful_one_replaced(toy: ServiceUnderTest) -> None:
    kept = await toy.http.get("/things", headers={"X-Request-Id": "req-0123456789"})
    replaced = await toy.http.get("/things", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert kept.headers["x-request-id"] == "req-0123456789"
    assert len(replaced.headers["x-request-id"]) == 24 and replaced.headers["x-request-id"].isalnum()


async def test_a_trace_goes_on_with_a_span_of_our_own_and_reaches_the_event(toy: ServiceUnderTest, make: Make) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await make(headers={"traceparent": parent})
    version, trace, span, _ = answer.headers["traceparent"].split("-")
    assert (version, trace) == ("00", "0af7651916cd43dd8448eb211c80319c") and span != "b7ad6b7169203331"
    async with toy.runtime.db.read() as tx:
        headers = await tx.scalar(text("SELECT headers FROM outbox"))
    assert headers["traceparent"].split("-")[1] == trace and headers["ce_authority"] == "11330482MB1234567X"
    assert (headers["ce_specversion"], headers["ce_source"], headers["content-type"]) == ("1.0", "/tongban/toy", "application/json")


@pytest.mark.parametrize("broken", ["", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "junk", "00-ABC"])
async def test_a_broken_trace_is_begun_anew(toy: ServiceUnderTest, broken: str) -> None:
    trace = (await toy.http.get("/things", headers={"traceparent": broken})).headers["traceparent"].split("-")[1]
    assert len(trace) == 32 and trace != "0" * 32


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"), ("fr", "zh-CN"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("en;q=0.2, zh-TW;q=0.8", "zh-CN"), ("zh;q=0, en;q=0.1", "en"),
        ("en;q=nan", "zh-CN"), ("en;q=", "zh-CN"), (";;,=,", "zh-CN"),
    ],
)  # fmt: skip
async def test_the_reader_chooses_the_language(toy: ServiceUnderTest, accepted: str, language: str) -> None:
    answer = await toy.http.get("/nothing", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language


async def test_a_request_ends_at_its_deadline(toy: ServiceUnderTest) -> None:
    _is_problem(await toy.http.get("/slow", headers={"X-Deadline-Ms": "30"}), 504, "deadline-exceeded")


async def test_a_deadline_of_nothing_is_over_at_once(toy: ServiceUnderTest) -> None:
    _is_problem(await toy.http.get("/slow", headers={"X-Deadline-Ms": "0"}), 504, "deadline-exceeded")


async def test_health_and_metrics_answer_without_a_token(toy: ServiceUnderTest) -> None:
    root = str(toy.http.base_url).split("/api/")[0]
    assert (await toy.http.get(f"{root}/healthz")).json()["status"] == "alive"
    assert (await toy.http.get(f"{root}/readyz")).json() == {"status": "ready", "database": True, "draining": False}
    await toy.http.get("/things")
    await toy.http.get(f"/things/{uuid4()}")
    metrics = (await toy.http.get(f"{root}/metrics")).text
    assert 'tongban_http_requests_total{method="GET",route="/things",status="200"} 1.0' in metrics
    assert "/things/{thing_id}" in metrics and 'route="/healthz"' in metrics
