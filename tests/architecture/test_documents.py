"""Documents that are true because they are tested: settings, commands, make targets, deployment."""

import re
import subprocess

import pytest
from typer.testing import CliRunner

from host.cli import app
from host.deploy import COMPOSE, compose
from host.settings_page import PAGE, settings_page, undescribed
from tests.architecture.house import ROOT

READMES = ("README.md", "README.zh-CN.md")


def test_every_setting_is_described() -> None:
    assert undescribed() == []
    assert PAGE.read_text() == settings_page(), "run `make contracts`"


def test_what_is_deployed_is_what_the_map_says() -> None:
    assert COMPOSE.read_text() == compose(), "run `tongban deploy`"


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_the_readme_names_exists(readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", (ROOT / readme).read_text()))
    assert {"run", "test", "demo"} <= named <= targets


@pytest.mark.parametrize("readme", READMES)
def test_every_command_the_readme_names_exists(readme: str) -> None:
    commands = re.findall(r"tongban ((?:events dead \w+|events \w+|\w+))((?: --[a-z-]+)*)", (ROOT / readme).read_text())
    assert len(commands) >= 5
    for words, options in commands:
        shown = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
        assert shown.exit_code == 0, words
        for option in options.split():
            assert option in shown.output, f"{words} {option}"


@pytest.mark.parametrize("readme", READMES)
def test_every_link_of_the_readme_leads_somewhere(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / readme).read_text())
    assert links and [link for link in links if not (ROOT / link).exists()] == []


def test_make_help_lists_what_the_workshop_promises() -> None:
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ["help", "run", "demo", "test", "test-all", "check", "fmt", "stack", "bench", "migrate", "contracts"]:
        assert f"make {target} " in shown


def test_no_lock_file_names_a_download_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        assert "--hash=sha256:" in text and "://" not in text
    assert not (ROOT / "uv.lock").exists()


def test_decisions_are_numbered_and_say_when_to_revisit() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if "**Revisit when**" not in page.read_text()] == []
