"""One suite to be fuzzed, its callers, and the document it publishes about itself."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

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
def document(fuzzed: RunningSuite) -> Any:
    """The merged document as the gateway gives it."""
    config = SchemathesisConfig.from_dict(
        {"generation": {"with-security-parameters": False, "allow-x00": False}}
    )  # the callers have tokens of their own
    return schemathesis.openapi.from_url(f"{fuzzed.url}/openapi.json", config=config)
