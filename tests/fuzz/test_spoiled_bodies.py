"""Right writes, spoiled in a place or two, get past the first rules: still no server fault, and no answer the document does not name."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
import orjson
import pytest

from tests.fuzz.callers import Callers
from tests.fuzz.known import Known
from tests.fuzz.named_answers import CHECKS
from tests.fuzz.spoiling import Breaking, Spoiling, spoilings
from tests.fuzz.writes import Write, kinds, write_of
from tests.support.suite import RunningSuite

pytestmark = [pytest.mark.xdist_group("fuzz"), pytest.mark.timeout(400)]


@pytest.mark.parametrize("kind", kinds())
def test_a_spoiled_write_gets_an_answer_the_document_names(
    kind: str, document: Any, fuzzed: RunningSuite, known: Known, callers: Callers
) -> None:
    _send_spoiled(write_of(kind, known, fuzzed.cast), document, fuzzed, callers, examples=30)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", kinds())
def test_so_it_does_in_a_thousand_ways(kind: str, document: Any, fuzzed: RunningSuite, known: Known, callers: Callers) -> None:
    _send_spoiled(write_of(kind, known, fuzzed.cast), document, fuzzed, callers, examples=1000)


def _send_spoiled(write: Write, document: Any, suite: RunningSuite, callers: Callers, *, examples: int) -> None:
    def send(one: Write, raw: bytes | None) -> bool:
        headers = {**callers.headers()[one.caller], "Content-Type": "application/json"}
        if one.read is not None:
            method, path = one.read
            seen = callers.session.request(method, suite.url + path, headers=headers, timeout=60)
            headers["If-Match"] = seen.headers.get("ETag", '"1"')
        answer = callers.session.request(one.method, suite.url + one.path, headers=headers, data=raw, timeout=60)
        document[one.template][one.method].Case(path_parameters=one.parameters).validate_response(answer, checks=CHECKS)
        return bool(answer.ok)

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(spoiling=spoilings(write.body))
    def every_answer_is_named(spoiling: Spoiling | Breaking) -> None:
        if send(write, spoiling.of(write.body)):
            for one in write.then:
                send(one, None if one.body is None else orjson.dumps(one.body))

    every_answer_is_named()
