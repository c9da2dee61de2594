"""bpmn-js (the common BPMN modeller, without a browser) opens every process the sample city exports, and bpmnlint finds nothing wrong."""

import json
from pathlib import Path
import shutil
import subprocess
from typing import Any

import pytest

from services.catalog.rules.content import ItemContent
from services.catalog.rules.process import plan_of
from services.catalog.rules.process.bpmn import process_bpmn
from services.catalog.rules.process.diagram import diagram
from tests.catalog.plans import JOINT_PLAN
from tests.catalog.sample import sample_items
from tests.support.suite import ROOT

pytestmark = pytest.mark.node

_SOURCES = Path(__file__).parent / "bpmn"
_INSTALLED = ROOT / "var" / "interop-bpmn"
PLANS = {code: plan_of(ItemContent.model_validate(content)) for code, content in sample_items().items()} | {"joint": JOINT_PLAN}


@pytest.fixture(scope="module")
def program() -> Path:
    """The folder of the script and its packages, installed as the lock file pins them; kept between runs."""
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    lock, here = _SOURCES / "package-lock.json", _INSTALLED / "package-lock.json"
    if not (_INSTALLED / "node_modules").exists() or here.read_text() != lock.read_text():
        for file in (_SOURCES / "package.json", _SOURCES / ".npmrc", lock):
            shutil.copy(file, _INSTALLED)
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=_INSTALLED, check=True, timeout=200)
    shutil.copy(_SOURCES / "read.mjs", _INSTALLED)
    return _INSTALLED


def opened(program: Path, folder: Path, documents: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """What the modeller tells of each document."""
    for name, document in documents.items():
        (folder / f"{name}.bpmn").write_bytes(document)
    done = subprocess.run(["node", "read.mjs", str(folder)], cwd=program, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name.removesuffix(".bpmn"): told for name, told in json.loads(done.stdout).items()}


def test_a_standard_modeller_opens_every_process_and_draws_all_of_it(program: Path, tmp_path: Path) -> None:
    told = opened(program, tmp_path, {name: process_bpmn(name, plan, "working_day", "zh") for name, plan in PLANS.items()})
    assert set(told) == set(PLANS)
    assert {name: one["warnings"] + one["lint"] for name, one in told.items() if one["warnings"] or one["lint"]} == {}
    for name, plan in PLANS.items():
        expected = diagram(plan)
        elements = {node.id for node in expected.nodes} | {flow.id for flow in expected.flows}
        assert {element for element, _ in told[name]["elements"]} == elements
        assert set(told[name]["drawn"]) == elements, "everything has its place in the diagram"
        assert told[name]["savedAgain"] == len(elements)


def test_the_modeller_does_object_to_what_is_wrong(program: Path, tmp_path: Path) -> None:
    """The check above can fail."""
    good = process_bpmn("joint", JOINT_PLAN, "working_day", "zh").decode()
    broken = good.replace('targetRef="step_decide"', 'targetRef="step_gone"').replace('bpmnElement="step_visit"', 'bpmnElement="nobody"')
    [told] = opened(program, tmp_path, {"broken": broken.encode()}).values()
    assert told["warnings"]
    assert "step_visit" not in told["drawn"]
