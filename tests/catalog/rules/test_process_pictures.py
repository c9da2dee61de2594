"""Pictures of a process: nothing covers anything, every line begins and ends where it should, and every word is there."""

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from hypothesis import given, settings
import pytest

from services.catalog.rules.content import ProcessPlan
from services.catalog.rules.process.bpmn import process_bpmn
from services.catalog.rules.process.diagram import diagram
from services.catalog.rules.process.layout import Box, laid_out
from services.catalog.rules.process.svg import process_svg, wrapped
from tests.catalog.plans import JOINT_PLAN
from tests.catalog.rules.test_process import plans

SVG = "{http://www.w3.org/2000/svg}"


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.x + other.width and other.x < one.x + one.width and one.y < other.y + other.height and other.y < one.y + one.height


def crossed(box: Box, start: tuple[int, int], end: tuple[int, int]) -> bool:
    """Whether a line, level or upright, runs through the inside of a box."""
    left, right, top, bottom = min(start[0], end[0]), max(start[0], end[0]), min(start[1], end[1]), max(start[1], end[1])
    return left < box.right and right > box.x and top < box.y + box.height and bottom > box.y


def check(plan: ProcessPlan) -> None:
    drawn = diagram(plan)
    layout = laid_out(drawn)
    assert not [pair for pair in combinations(layout.boxes.values(), 2) if overlap(*pair)]
    for box in layout.boxes.values():
        assert box.x >= 0 and box.right <= layout.width and box.y >= 0 and box.y + box.height <= layout.height
    for flow in drawn.flows:
        line, source, target = layout.lines[flow.id], layout.boxes[flow.source], layout.boxes[flow.target]
        assert (line[0], line[-1]) == ((source.right, source.middle), (target.x, target.middle))
        assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(line)), "lines are level or upright"
        through = [name for name, box in layout.boxes.items() if any(crossed(box, one, other) for one, other in pairwise(line))]
        assert through == [], f"{flow} runs through {through}"


@given(plans())
@settings(max_examples=100, deadline=None)
def test_nothing_covers_anything_and_no_line_runs_through_a_step(plan: ProcessPlan) -> None:
    check(plan)


def test_the_joint_process_is_laid_out_the_same_every_time() -> None:
    check(JOINT_PLAN)
    assert laid_out(diagram(JOINT_PLAN)) == laid_out(diagram(JOINT_PLAN))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_is_written_and_told(language: str) -> None:
    picture = ET.fromstring(process_svg("项目", JOINT_PLAN, "working_day", language))  # type: ignore[arg-type]  # noqa: S314  our own
    written = "".join(element.text or "" for element in picture.iter(f"{SVG}text"))
    told = picture.findtext(f"{SVG}desc") or ""
    for step in JOINT_PLAN.steps:
        assert step.name in written and step.name in told
    assert ("审查" in written) if language == "zh" else ("Review" in written)
    assert ("参加：区消防救援大队" in told) if language == "zh" else ("with Fire and Rescue Brigade" in told)


def test_branches_become_gateways_of_their_kind() -> None:
    document = process_bpmn("项目", JOINT_PLAN, "working_day", "zh").decode()
    for element in ('parallelGateway id="fork_review"', 'parallelGateway id="join_session"', 'exclusiveGateway id="choice_session"'):
        assert element in document


def test_long_names_are_cut_to_what_a_box_holds() -> None:
    assert wrapped("经营场所现场核查", 16, 2) == ["经营场所现场核查"]
    assert wrapped("危险化学品经营许可证现场核查", 16, 2) == ["危险化学品经营许", "可证现场核查"]
    assert wrapped("Site visit of the premises by two officials", 16, 2) == ["Site visit of", "the premises b…"]
    assert wrapped("很" * 40, 16, 2)[-1].endswith("…")
