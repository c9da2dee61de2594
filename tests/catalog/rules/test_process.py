"""A plan's runs against a slow reference that lets branches go off in every order, and what each flaw looks like."""

from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from services.catalog.rules.content import ItemContent, PlanStep, ProcessPlan, Way
from services.catalog.rules.process import examine, narrowed_plan, plan_of, process_order, reached, returns_forward
from services.catalog.rules.process.plan import forward
from services.catalog.rules.process.runs import CLOCK_STANDS
from tests.catalog.sample import item


def step(key: str, *to: str, kind: str = "review", **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key, "kind": kind, "post": "reviewer", "ways": [{"to": one} for one in to], **more}


def plan(*steps: dict[str, Any]) -> ProcessPlan:
    return ProcessPlan.model_validate({"steps": steps})


PARALLEL = (
    step("a", "b", "c", split="all", days=1),
    step("b", "d", days=5),
    step("c", "d", days=2),
    step("d", kind="decide", waits_for="all", days=1),
)


def test_branches_that_run_at_once_take_as_long_as_the_longest() -> None:
    seen = examine(plan(*PARALLEL))
    assert (seen.longest, seen.critical) == (7, ("a", "b", "d"))
    assert not (seen.stuck or seen.repeated or seen.undecided or seen.decided_again or seen.running)


@pytest.mark.parametrize("kind", sorted(CLOCK_STANDS))
def test_while_a_special_procedure_lasts_the_clock_stands(kind: str) -> None:
    seen = examine(plan(step("a", "b", kind=kind, days=30), step("b", kind="decide", days=2)))
    assert seen.longest == 2


def test_a_site_visit_is_no_special_procedure() -> None:
    assert examine(plan(step("a", "b", kind="site_visit", days=3), step("b", kind="decide", days=2))).longest == 5


def test_a_step_that_waits_for_a_branch_that_may_not_come_is_stuck() -> None:
    seen = examine(plan(step("a", "b", "c"), *PARALLEL[1:]))
    assert seen.stuck == {"d"}


def test_branches_that_do_not_wait_for_each_other_begin_what_follows_twice() -> None:
    seen = examine(plan(*PARALLEL[:3], step("d", kind="decide")))
    assert seen.repeated == {"d"}


def test_a_run_that_ends_before_it_is_decided_ends_nowhere() -> None:
    assert examine(plan(step("a", "b", "c"), step("b"), step("c", kind="decide"))).undecided == {"b"}


def test_deciding_while_another_branch_runs_is_seen() -> None:
    seen = examine(plan(step("a", "b", "c", split="all"), step("b", kind="decide"), step("c")))
    assert seen.running == {"c"}
    again = examine(plan(step("a", "b", kind="decide"), step("b", kind="decide")))
    assert again.decided_again == {"b"}


def test_ways_in_a_circle_and_returns_that_lead_on_are_found() -> None:
    assert process_order(plan(step("a", "b"), step("b", "a"))) is None
    back: dict[str, Any] = {"ways": [{"to": "b", "is_return": True}]}
    assert returns_forward(plan(step("a", "b", "c"), step("b"), step("c", **back))) == [(2, 0)]
    assert returns_forward(plan(step("a", "b"), step("b", "c"), step("c", **back))) == []


def test_what_nothing_leads_to_is_not_reached() -> None:
    assert reached(plan(step("a", "b"), step("b"), step("c", "b"))) == {"a", "b"}


def test_twenty_choices_in_a_row_are_too_many_to_examine_and_said_so_in_no_time() -> None:
    steps = []
    for at in range(14):
        steps += [step(f"s{at}", f"l{at}", f"r{at}"), step(f"l{at}", f"s{at + 1}"), step(f"r{at}", f"s{at + 1}")]
    assert examine(plan(*steps, step("s14", kind="decide"))).is_too_branched


def test_a_list_of_steps_is_a_plan_with_a_return_to_the_step_before() -> None:
    made = plan_of(ItemContent.model_validate(item()))
    assert [(s.key, s.kind, [(w.to, w.is_return) for w in s.ways]) for s in made.steps] == [
        ("review", "review", [("decide", False)]),
        ("decide", "decide", [("review", True)]),
    ]


def test_a_step_left_out_is_passed_over() -> None:
    left = narrowed_plan(plan(step("a", "b", days=1), step("b", "c", days=5), step("c", kind="decide", days=1)), {"b"})
    assert [(s.key, [w.to for w in s.ways]) for s in left.steps] == [("a", ["c"]), ("c", [])]
    assert examine(left).longest == 2
    alone = narrowed_plan(plan(*PARALLEL), {"b"})
    assert (examine(alone).longest, examine(alone).stuck) == (4, set())
    assert narrowed_plan(plan(step("a", "b"), step("b", kind="decide")), {"a"}).steps[0].key == "b"


@st.composite
def plans(draw: st.DrawFn) -> ProcessPlan:
    size = draw(st.integers(1, 7))
    steps = []
    for at in range(size):
        onward = draw(st.lists(st.integers(at + 1, size - 1), max_size=3)) if at + 1 < size else []
        steps.append(
            PlanStep(
                key=f"s{at}",
                name="步骤",
                kind=draw(st.sampled_from(["review", "review", "decide", "hearing"])),
                post="reviewer",
                days=draw(st.none() | st.integers(0, 9)),
                split=draw(st.sampled_from(["one", "all"])),
                waits_for=draw(st.sampled_from(["any", "all"])),
                ways=[Way(to=f"s{to}") for to in onward],
            )
        )
    return ProcessPlan(steps=draw(st.permutations(steps[1:]).map(lambda rest: [steps[0], *rest])))


def played(plan: ProcessPlan) -> tuple[bool, set[int], int]:
    """The token game, slowly: every branch may move next. (sound, how often decided, days to the slowest decision)."""
    steps = {one.key: one for one in plan.steps}
    first = plan.steps[0].key
    arriving = {key: sum(way.to == key for one in plan.steps for way in forward(one, steps)) for key in steps}
    numbers = count()
    sound, decisions, slowest = True, set(), 0
    waiting: list[tuple[tuple[tuple[str, int, int], ...], tuple[str, ...], int]] = [(((first, 0, next(numbers)),), (), 0)]
    budget = 4_000
    while waiting:
        budget -= 1
        if budget == 0:
            raise OverflowError
        tokens, done, decided_on = waiting.pop()
        moved = False
        for at, (key, _, _) in enumerate(tokens):
            one = steps[key]
            here = [token for token in tokens if token[0] == key]
            if one.waits_for == "all" and key != first and len(here) < arriving[key]:
                continue
            taken = here if one.waits_for == "all" else [tokens[at]]
            day = max(token[1] for token in taken) + (0 if one.kind in CLOCK_STANDS else one.days or 0)
            rest = tuple(token for token in tokens if token not in taken)
            ways = forward(one, steps)
            picks = [ways] if one.split == "all" or not ways else [[way] for way in ways]
            for pick in picks:
                sent = tuple((way.to, day, next(numbers)) for way in pick)
                is_first_decision = one.kind == "decide" and not any(steps[k].kind == "decide" for k in done)
                waiting.append(((*rest, *sent), (*done, key), day if is_first_decision else decided_on))
            moved = True
        if not moved:
            sound = sound and not tokens and len(set(done)) == len(done)
            decisions.add(sum(steps[key].kind == "decide" for key in done))
            slowest = max(slowest, decided_on)
    return sound, decisions, slowest


@given(plans())
@settings(max_examples=150, deadline=None)
def test_all_runs_show_what_the_token_game_shows(plan: ProcessPlan) -> None:
    try:
        sound, decisions, slowest = played(plan)
    except OverflowError:
        return
    seen = examine(plan)
    assert (not seen.stuck and not seen.repeated) == sound
    if sound:
        assert bool(seen.undecided) == (0 in decisions)
        assert bool(seen.decided_again) == any(number > 1 for number in decisions)
        if decisions == {1}:
            assert seen.longest == slowest
