"""One suite to be fuzzed, its callers, and the document it publishes about itself."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
import subprocess
import sys
from typing import Any

from hypothesis import strategies as st
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

from host.demo.paper import small_pdf, small_png
from tests.fuzz.callers import Callers
from tests.fuzz.known import Known, make_known
from tests.support.suite import ROOT, RunningSuite, running_suite
from tests.support.waiting import until

schemathesis.openapi.media_type("application/pdf", st.sampled_from([small_pdf("fuzz"), b"%PDF-", b""]))
schemathesis.openapi.media_type("image/png", st.sampled_from([small_png(8, 8), b"\x89PNG\r\n\x1a\n"]))
schemathesis.openapi.media_type("image/jpeg", st.sampled_from([b"\xff\xd8\xff\xe0", small_pdf("not a jpeg")]))


_NO_QUOTAS = {f"TONGBAN_GATEWAY_{whose}_REQUESTS": "0" for whose in ("PERSON", "CLIENT", "SOURCE")}


@pytest.fixture(scope="session")
def fuzzed(scratch: Path, at_the_folders_end: ExitStack) -> RunningSuite:
    return at_the_folders_end.enter_context(_fuzzed(scratch))


@contextmanager
def _fuzzed(scratch: Path) -> Iterator[RunningSuite]:
    """In the end nothing that got through may have poisoned a consumer."""
    with running_suite(RunningSuite(scratch / "fuzzed", "single", variables=_NO_QUOTAS)) as suite:
        yield suite
        asyncio.run(until(lambda: not _behind(suite), seconds=120))
        assert "nothing is parked" in _operator(suite, "events", "dead", "list")


def _behind(suite: RunningSuite) -> list[str]:
    """Consumers that have not read everything yet."""
    lines = [line.split("\t") for line in _operator(suite, "events", "lag").splitlines()]
    return [consumer for consumer, records, _ in lines if records != "0"]


def _operator(suite: RunningSuite, *arguments: str) -> str:
    """What one of the operator's commands prints."""
    command = [sys.executable, "-m", "host", *arguments, "--var", str(suite.var)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def known(fuzzed: RunningSuite) -> Known:
    return asyncio.run(make_known(fuzzed))


@pytest.fixture(scope="session")
def callers(fuzzed: RunningSuite, known: Known) -> Callers:
    return Callers(fuzzed, known.organisation_id)


@pytest.fixture(scope="session")
def document(fuzzed: RunningSuite) -> Any:
    """The merged document as the gateway gives it."""
    config = SchemathesisConfig.from_dict(
        {"generation": {"with-security-parameters": False, "allow-x00": False}}
    )  # the callers have tokens of their own
    return schemathesis.openapi.from_url(f"{fuzzed.url}/openapi.json", config=config)
