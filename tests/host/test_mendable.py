"""What a person set wrongly is told in a sentence, on standard error, with exit code 1; never with a stack trace or a secret."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from tests.support.suite import ROOT

_UP, _SERVE = ("up",), ("serve", "catalog", "--port", "9")


@pytest.mark.parametrize(
    ("command", "variables", "told"),
    [
        (_UP, {"TONGBAN_PORT": "abc"}, "TONGBAN_PORT"),
        (_UP, {"TONGBAN_PORT": "65536"}, "TONGBAN_PORT"),
        (_UP, {"TONGBAN_LOG_LEVEL": "loud"}, "DEBUG"),
        (_UP, {"TONGBAN_DATABASE_URL": "postgresql://someone:hush@127.0.0.1:1"}, "'127.0.0.1:1' cannot be used"),
        (_UP, {"TONGBAN_DATABASE_URL": "mysql://someone:hush@db"}, "TONGBAN_DATABASE_URL"),
        (_UP, {"TONGBAN_DATABASE_URL": "postgresql://someone:hush@db:99999"}, "TONGBAN_DATABASE_URL"),
        (("up", "--target", "nosuch"), {}, "there are identity, catalog"),
        (("up", "--var", "/proc/nothing"), {}, "--var"),
        (_SERVE, {"TONGBAN_MASTER_KEY": "short"}, "tongban keys new"),
        (_SERVE, {"TONGBAN_REQUEST_SECONDS": "-1"}, "TONGBAN_REQUEST_SECONDS: Input should be greater than 0"),
        (_SERVE, {"TONGBAN_PEERS": "identity=http://10.0.0.1"}, "JSON"),
        (("serve", "nosuch", "--port", "9"), {}, "no service is named nosuch"),
        (("events", "lag"), {}, "make run"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_mistake_is_a_sentence(tmp_path: Path, command: tuple[str, ...], variables: dict[str, str], told: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
    done = subprocess.run(
        [sys.executable, "-m", "host", *command], cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, told in done.stderr) == (1, True), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stdout + done.stderr
