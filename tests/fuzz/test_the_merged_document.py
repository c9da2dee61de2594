"""Schemathesis against a running suite: whatever is sent, by whomever, the answer is no server fault and one the document names."""

from typing import Any

from hypothesis import HealthCheck, settings
import pytest
import schemathesis
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.fuzz.callers import Callers
from tests.support.suite import RunningSuite

pytestmark = pytest.mark.xdist_group("fuzz")

CHECKS: list[CheckFunction] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

schema = schemathesis.pytest.from_fixture("document")
schema_in_depth = schemathesis.pytest.from_fixture("document_in_depth")

_SETTINGS: dict[str, Any] = {"derandomize": True, "deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.timeout(400)
@schema.parametrize()
@settings(max_examples=8, **_SETTINGS)
def test_no_request_by_anyone_gets_a_server_fault_or_an_answer_the_document_does_not_name(
    case: schemathesis.Case, fuzzed: RunningSuite, callers: Callers
) -> None:
    _send_as_everyone(case, fuzzed, callers)


@pytest.mark.long
@pytest.mark.timeout(3000)
@schema_in_depth.parametrize()
@settings(max_examples=100, **_SETTINGS)
def test_the_same_holds_in_depth(case: schemathesis.Case, fuzzed: RunningSuite, callers: Callers) -> None:
    _send_as_everyone(case, fuzzed, callers)


def _send_as_everyone(case: schemathesis.Case, suite: RunningSuite, callers: Callers) -> None:
    """The same request by every caller: most are refused, and a refusal is an answer to be named as well."""
    for headers in callers.headers().values():
        response = case.call(base_url=suite.url, headers=headers, session=callers.session, allow_redirects=False)
        case.validate_response(response, checks=CHECKS)
