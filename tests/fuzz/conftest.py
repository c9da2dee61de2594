"""One suite to be fuzzed, its callers, and the document it publishes about itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
import pytest
import schemathesis
from schemathesis import HookContext

from host.demo.paper import small_pdf, small_png
from tests.fuzz.callers import Callers
from tests.fuzz.known import Known, make_known
from tests.support.suite import RunningSuite, running_suite

schemathesis.openapi.media_type("application/pdf", st.sampled_from([small_pdf("fuzz"), b"%PDF-", b""]))
schemathesis.openapi.media_type("image/png", st.sampled_from([small_png(8, 8), b"\x89PNG\r\n\x1a\n"]))
schemathesis.openapi.media_type("image/jpeg", st.sampled_from([b"\xff\xd8\xff\xe0", small_pdf("not a jpeg")]))


@pytest.fixture(scope="package")
def fuzzed(scratch: Path) -> Iterator[RunningSuite]:
    with running_suite(RunningSuite(scratch / "fuzzed", "single")) as suite:
        yield suite


@pytest.fixture(scope="package")
def known(fuzzed: RunningSuite) -> Known:
    return asyncio.run(make_known(fuzzed))


@pytest.fixture(scope="package")
def callers(fuzzed: RunningSuite, known: Known) -> Callers:
    return Callers(fuzzed, known.organisation_id)


@pytest.fixture(scope="package")
def document(fuzzed: RunningSuite, known: Known) -> Any:
    """The merged document as the gateway gives it. Path parameters are often ids that exist, If-Match often a version that does."""
    schema = schemathesis.openapi.from_url(f"{fuzzed.url}/openapi.json")

    @schema.hook
    def before_generate_path_parameters(context: HookContext, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return strategy.flatmap(lambda drawn: st.one_of(_known(drawn, known), st.just(drawn)))

    @schema.hook
    def before_generate_headers(context: HookContext, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return strategy.flatmap(lambda drawn: st.one_of(_versioned(drawn), st.just(drawn)) if "if-match" in drawn else st.just(drawn))

    return schema


def _known(drawn: dict[str, Any], known: Known) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {name: st.sampled_from(known.parameters[name]) if known.parameters.get(name) else st.just(value) for name, value in drawn.items()}
    )


def _versioned(drawn: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.integers(1, 8).map(lambda version: {**drawn, "if-match": f'"{version}"'})
