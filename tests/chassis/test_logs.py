"""Logs: one JSON object a line, with the request's ids, without what must not be in them."""

from collections.abc import Iterator
import io
import json
import logging
from typing import Any

import pytest
import structlog

from chassis import context
from chassis.logs import configure_logs, get_logger, masked

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


class Lines(io.StringIO):
    @property
    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.getvalue().strip().splitlines()[-1])
        return found


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    root = logging.getLogger()
    before, level, of_structlog = list(root.handlers), root.level, structlog.get_config()
    captured = Lines()
    monkeypatch.setattr("sys.stderr", captured)
    configure_logs("INFO", "json")
    yield captured
    structlog.configure(**of_structlog)
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("号码 110101199003077715。", "号码 110101********7715。"),
        ("11010119900307771x", "110101********771x"),
        ("a=110101199003077715,b=13812345678", "a=110101********7715,b=138****5678"),
        (f"Bearer {TOKEN} end", "Bearer [token] end"),
        ("0190f3a2-7b11-7c3e-8d4f-112233445566", "0190f3a2-7b11-7c3e-8d4f-112233445566"),
        ("order 20260921000012345678", "order 20260921000012345678"),
    ],
)
def test_personal_numbers_and_tokens_are_masked_wherever_they_stand(text: str, clean: str) -> None:
    assert masked(text) == clean


def test_a_line_is_json_with_the_ids_of_the_request_and_without_secrets(lines: Lines) -> None:
    context.enter(context.RequestContext("req-12345678", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", facts={"actor": "person:1"}))
    get_logger("tests.logs.a").info(
        "seen", code="110101199003077715", password="p", refresh_token="r", Authorization=TOKEN, token_id="t1",
        inner={"client_secret": "s", "phones": ["13812345678"], 7: {"cookie": "c"}},
    )  # fmt: skip
    line = lines.last
    assert (line["event"], line["level"], line["request_id"], line["trace_id"], line["actor"]) == (
        "seen", "info", "req-12345678", "a" * 32, "person:1",
    )  # fmt: skip
    assert line["code"] == "110101********7715" and line["token_id"] == "t1"
    assert line["password"] == line["refresh_token"] == line["Authorization"] == "[secret]"
    assert line["inner"] == {"client_secret": "[secret]", "phones": ["138****5678"], "7": {"cookie": "[secret]"}}


def test_what_other_libraries_log_is_masked_too(lines: Lines) -> None:
    logging.getLogger("tests.library").warning("failed for %s with %s", "110101199003077715", TOKEN)
    assert lines.last["event"] == "failed for 110101********7715 with [token]"


def test_a_traceback_is_in_the_line_and_masked(lines: Lines) -> None:
    try:
        raise ValueError("no 110101199003077715")
    except ValueError:
        get_logger("tests.logs.b").exception("broken")
    assert "ValueError: no 110101********7715" in lines.last["exception"] and "110101199003077715" not in lines.getvalue()


def test_what_json_cannot_say_is_still_a_line(lines: Lines) -> None:
    get_logger("tests.logs.c").info("strange", what=object(), number={1: 2}, error=ValueError("x"))
    assert lines.last["event"] == "strange"
