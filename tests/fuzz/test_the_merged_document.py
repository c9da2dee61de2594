"""Schemathesis against a running suite: whatever is sent, by whomever, the answer is no server fault and one the document names."""

from pathlib import Path
import subprocess
import sys
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
import orjson
import pytest
from schemathesis import Case, GenerationMode

from gateway.documents import CONTRACT
from tests.fuzz.callers import Callers
from tests.fuzz.known import Known
from tests.fuzz.named_answers import CHECKS
from tests.support.suite import RunningSuite

pytestmark = [pytest.mark.xdist_group("fuzz"), pytest.mark.timeout(400)]

CALLERS = ("nobody", "citizen", "organisation", "clerk", "reviewer", "system", "operator")
_METHODS = ("get", "put", "post", "delete", "patch")


def _operations() -> list[tuple[str, str]]:
    """Path and method of everything in the merged document."""
    paths = orjson.loads(CONTRACT.read_bytes())["paths"]
    return [(path, method) for path, operations in paths.items() for method in _METHODS if method in operations]


@pytest.mark.parametrize(("path", "method"), _operations(), ids=lambda value: value)
def test_no_request_by_anyone_gets_a_server_fault_or_an_answer_the_document_does_not_name(
    path: str, method: str, document: Any, fuzzed: RunningSuite, known: Known, callers: Callers
) -> None:
    _draw_requests(document[path][method], fuzzed, known, callers, examples=6)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("path", "method"), _operations(), ids=lambda value: value)
def test_the_same_holds_for_many_more_requests(
    path: str, method: str, document: Any, fuzzed: RunningSuite, known: Known, callers: Callers
) -> None:
    _draw_requests(document[path][method], fuzzed, known, callers, examples=100)


def _draw_requests(operation: Any, suite: RunningSuite, known: Known, callers: Callers, *, examples: int) -> None:
    """Each request is sent by every caller: most are refused, and a refusal is an answer to be named as well.

    Half of them are about records that exist, in a version that may be the present one.
    """
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.path_parameters or operation.query or operation.headers:
        modes.append(GenerationMode.NEGATIVE)
    takes_version = any(header.name.lower() == "if-match" for header in operation.headers)

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)),
        is_about_existing=st.booleans(),
        parameters=known.parameters_of(one.name for one in operation.path_parameters),
        members=known.all_members(),
        version=st.integers(1, 8),
    )
    def every_answer_is_named(
        case: Case[Any], is_about_existing: bool, parameters: dict[str, str], members: dict[str, Any], version: int
    ) -> None:
        matching: dict[str, str] = {}
        if is_about_existing:
            case.path_parameters = {**(case.path_parameters or {}), **parameters}
            matching = {"If-Match": f'"{version}"'} if takes_version else {}
            case.query = _known_members(case.query, members)
            case.body = _known_members(case.body, members)
        for headers in callers.headers().values():
            response = case.call(base_url=suite.url, headers={**headers, **matching}, session=callers.session, allow_redirects=False)
            case.validate_response(response, checks=CHECKS)

    every_answer_is_named()


def _known_members(drawn: Any, members: dict[str, Any]) -> Any:
    """What was drawn, its members replaced by values that exist where there are any."""
    if not isinstance(drawn, dict):
        return drawn
    return {name: members.get(name, value) for name, value in drawn.items()}


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("caller", CALLERS)
def test_the_systematic_requests_of_each_caller_find_nothing_either(
    caller: str, fuzzed: RunningSuite, callers: Callers, tmp_path: Path
) -> None:
    """Every boundary, each parameter missing, methods nobody offers: Schemathesis's own command writes them down."""
    headers = [argument for name, value in callers.headers()[caller].items() for argument in ("--header", f"{name}: {value}")]
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "schemathesis"), "run", f"{fuzzed.url}/openapi.json", "--phases", "coverage", "--no-color",
            "--checks", ",".join(check.__name__ for check in CHECKS), "--generation-deterministic", "--warnings", "off", *headers,
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
