"""What an edition changes is found exactly, however its rows are ordered; what only looks alike says how sure it is."""

from dataclasses import dataclass, field, replace
import random

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.drift import LEAST_LIKENESS, Difference, differences
from services.catalog.rules.likeness import features, likeness
from services.catalog.rules.review import is_code_free, may_decide, review_state

DEPARTMENTS = ("市场监管局", "卫生健康委员会", "交通运输局", "民政局")


def _entry(number: int) -> BaseEntry:
    """Entries whose names have no two characters in common."""
    name = "".join(chr(0x4E00 + number * 12 + at) for at in range(12))
    basis = "".join(chr(0x8000 + (number * 6 + at) % 6000) for at in range(6))
    return BaseEntry(f"C{number:05}", name, DEPARTMENTS[number % 4], {"legal_basis": basis, "item_type": "01"})


@dataclass
class Seeded:
    """A catalog, an edition made of it by known changes, and these changes as (kind, old code, new code)."""

    current: list[BaseEntry]
    edition: list[BaseEntry]
    changes: set[tuple[str, str | None, str | None]] = field(default_factory=set)


@st.composite
def seeded(draw: st.DrawFn) -> Seeded:
    count = draw(st.integers(0, 60))
    what = draw(
        st.lists(st.sampled_from(["same"] * 4 + ["deleted", "renamed", "recoded", "both", "changed"]), min_size=count, max_size=count)
    )
    found = Seeded([_entry(number) for number in range(count)], [])
    for number, change in enumerate(what):
        entry, code, new_code = _entry(number), f"C{number:05}", f"N{number:05}"
        match change:
            case "same":
                found.edition.append(entry)
                continue
            case "deleted":
                found.changes.add(("deleted", code, None))
                continue
            case "renamed":
                found.edition.append(replace(entry, name=_entry(number + 200).name))
            case "recoded":
                found.edition.append(replace(entry, code=new_code))
            case "both":
                found.edition.append(replace(entry, code=new_code, name=entry.name + "新"))
            case "changed":
                found.edition.append(replace(entry, elements={**entry.elements, "legal_basis": "新法第一条"}))
        kind = "recoded" if change == "both" else change
        found.changes.add((kind, code, new_code if kind == "recoded" else code))
    for number in range(draw(st.integers(0, 10))):
        added = _entry(500 + number)
        found.edition.append(added)
        found.changes.add(("added", None, added.code))
    draw(st.randoms(use_true_random=False)).shuffle(found.edition)
    return found


def _codes(found: list[Difference]) -> set[tuple[str, str | None, str | None]]:
    return {(one.kind, one.before.code if one.before else None, one.after.code if one.after else None) for one in found}


@settings(max_examples=200)
@given(seeded())
def test_seeded_changes_are_found_exactly(one: Seeded) -> None:
    found = differences(one.current, one.edition, {})
    assert len(found) == len(one.changes)
    assert _codes(found) == one.changes
    assert all(0 <= difference.confidence <= 1 for difference in found)
    assert all(difference.changes for difference in found if difference.kind not in ("added", "deleted"))


@given(seeded(), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(one: Seeded, order: random.Random) -> None:
    found = differences(one.current, one.edition, {})
    order.shuffle(one.current)
    order.shuffle(one.edition)
    assert differences(one.current, one.edition, {}) == found


@given(seeded())
def test_accepting_everything_leaves_nothing_to_find(one: Seeded) -> None:
    force = {entry.code: entry for entry in one.current}
    for difference in differences(one.current, one.edition, {}):
        if difference.before:
            del force[difference.before.code]
        if difference.after:
            assert difference.after.code not in force
            force[difference.after.code] = difference.after
    assert differences(list(force.values()), one.edition, {}) == []


def test_an_edition_that_says_the_same_differs_in_nothing() -> None:
    entries = [_entry(number) for number in range(30)]
    assert differences(entries, list(reversed(entries)), {}) == []


def test_a_code_that_led_to_an_entry_finds_it_again_however_it_reads() -> None:
    now, before = BaseEntry("B", "甲乙丙", "民政局"), BaseEntry("A", "全然不同", "财政局")
    [found] = differences([now], [before], {"A": "B"})
    assert (found.kind, found.confidence) == ("recoded", 1.0)
    kinds = [one.kind for one in differences([now], [before, now], {"A": "B"})]
    assert kinds == ["added"], "a code that leads to an entry which is still there is another entry's"


def test_a_recoded_entry_whose_name_moved_a_little_is_less_sure_than_one_that_reads_the_same() -> None:
    old = BaseEntry("A", "道路旅客运输经营许可", "交通运输局", {"legal_basis": "道路运输条例第十条"})
    same, moved = replace(old, code="B"), replace(old, code="B", name="道路旅客运输经营许可（县级）")
    [exact], [near] = differences([old], [same], {}), differences([old], [moved], {})
    assert (exact.kind, near.kind) == ("recoded", "recoded")
    assert exact.confidence == 1.0 > near.confidence >= LEAST_LIKENESS
    assert [change.field for change in near.changes] == ["code", "name"]


def test_two_candidates_that_are_as_like_halve_the_confidence() -> None:
    old = BaseEntry("A", "求职创业补贴申领", "人社局")
    found = differences([old], [replace(old, code="B"), replace(old, code="C")], {})
    assert [(one.kind, one.confidence) for one in found] == [("recoded", 0.5), ("added", 1.0)]


def test_what_is_unlike_is_deleted_and_added() -> None:
    old, new = BaseEntry("A", "烟草专卖零售许可", "烟草专卖局"), BaseEntry("B", "食品经营许可", "市场监管局")
    assert [one.kind for one in differences([old], [new], {})] == ["deleted", "added"]


@pytest.mark.parametrize(
    ("one", "other", "least", "most"), [("甲乙丙", "甲乙丙", 1, 1), ("甲乙丙", "丁戊己", 0, 0), ("（甲）乙", "甲乙", 1, 1), ("", "", 0, 0)]
)
def test_likeness_goes_from_nothing_in_common_to_the_same(one: str, other: str, least: float, most: float) -> None:
    assert least <= likeness(features(BaseEntry("A", one, "")), features(BaseEntry("B", other, ""))) <= most


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_the_same_from_both_sides(one: str, other: str) -> None:
    left, right = features(BaseEntry("A", one, "民政局")), features(BaseEntry("B", other, "财政局"))
    assert likeness(left, right) == likeness(right, left)
    assert 0 <= likeness(left, right) <= 1


def test_a_review_is_open_until_everything_is_accepted_or_rejected() -> None:
    assert review_state({}, is_newest=True) == "finished"
    assert review_state({"accepted": 3, "rejected": 1, None: 0}, is_newest=False) == "finished"
    assert review_state({"accepted": 3, "postponed": 1}, is_newest=True) == "open"
    assert review_state({None: 1}, is_newest=False) == "superseded"


def test_only_acceptance_is_final_and_only_free_codes_are_given() -> None:
    assert [may_decide(one) for one in (None, "postponed", "rejected", "accepted")] == [True, True, True, False]
    assert is_code_free(None, None) and is_code_free("B", "B")
    assert not is_code_free("B", None) and not is_code_free("B", "C")
