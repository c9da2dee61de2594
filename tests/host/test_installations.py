"""Commands find the installation that runs, whichever shape it has, also after one was killed."""

from pathlib import Path
import subprocess
import sys

import pytest

from host.installations import STACK, VAR, is_running, marked_as_running, meant


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_running_one_is_meant_and_var_when_none_runs() -> None:
    assert meant(None) == VAR.absolute()
    with marked_as_running(STACK):
        assert meant(None) == STACK.absolute()
        with marked_as_running(VAR):
            assert meant(None) == VAR.absolute()
    assert meant(None) == VAR.absolute()


def test_what_was_named_is_meant_running_or_not(tmp_path: Path) -> None:
    with marked_as_running(VAR):
        assert meant(tmp_path / "elsewhere") == tmp_path / "elsewhere"
    assert not (tmp_path / "elsewhere").exists()


def test_a_killed_one_does_not_count_as_running(tmp_path: Path) -> None:
    program = f"import time; from pathlib import Path; from host.installations import *\nwith marked_as_running(Path({str(tmp_path)!r})): print('on', flush=True); time.sleep(60)"
    root = str(Path(__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": root}) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        assert is_running(tmp_path)
        process.kill()
    assert not is_running(tmp_path)
