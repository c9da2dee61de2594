"""What a region's code is today, and was on a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.rules.region_history import ChangeKind, RegionChange, ended_on, follow, name_on

COUNTY, CITY, DISTRICT, TOWN = "511621000000", "511681000000", "511602000000", "511622000000"


def change(year: int, kind: ChangeKind, old: str | None, new: str | None, *, names: tuple[str, str] = ("旧", "新")) -> RegionChange:
    return RegionChange(date(year, 6, 1), kind, old, names[0] if old else None, new, names[1] if new else None)


def leads_to(
    code: str, changes: list[RegionChange], current: set[str], *, written: int | None = None, as_of: int = 2026
) -> tuple[str, ...]:
    written_on = date(written, 1, 1) if written else None
    return follow(code, changes, written_on=written_on, as_of=date(as_of, 12, 31), is_current=current.__contains__).codes


def test_a_code_is_followed_through_every_change_to_what_it_is_now() -> None:
    changes = [change(1993, "restructured", COUNTY, CITY), change(2005, "recoded", CITY, DISTRICT)]
    assert leads_to(COUNTY, changes, {DISTRICT}) == (DISTRICT,)
    assert leads_to(COUNTY, changes, {CITY}, as_of=2000) == (CITY,)
    assert leads_to(COUNTY, changes, {COUNTY}, as_of=1990) == (COUNTY,)


def test_a_region_divided_is_several_and_two_merged_are_one() -> None:
    divided = [change(2000, "split", COUNTY, CITY), change(2000, "split", COUNTY, DISTRICT)]
    assert leads_to(COUNTY, divided, {CITY, DISTRICT}) == (CITY, DISTRICT)
    merged = [change(2000, "merged", COUNTY, CITY), change(2000, "merged", TOWN, CITY)]
    assert leads_to(COUNTY, merged, {CITY}) == leads_to(TOWN, merged, {CITY}) == (CITY,)


def test_a_code_given_to_another_place_means_what_it_meant_on_the_day_it_was_written() -> None:
    changes = [change(1985, "recoded", COUNTY, CITY), change(1985, "reassigned", COUNTY, COUNTY, names=("甲县", "乙县"))]
    current = {COUNTY, CITY}
    assert leads_to(COUNTY, changes, current) == (COUNTY,)
    assert leads_to(COUNTY, changes, current, written=1980) == (CITY,)
    assert leads_to(COUNTY, changes, current, written=1990) == (COUNTY,)
    assert name_on(COUNTY, changes, date(1990, 1, 1), name_now="乙县") == "乙县"
    assert name_on(COUNTY, changes[1:], date(1980, 1, 1), name_now="乙县") == "甲县"


def test_a_part_that_moved_does_not_take_the_region_with_it() -> None:
    changes = [change(2000, "adjusted", COUNTY, CITY)]
    assert leads_to(COUNTY, changes, {COUNTY, CITY}, written=1990) == (COUNTY,)


def test_an_abolished_region_leads_nowhere_unless_it_is_said_where() -> None:
    assert leads_to(COUNTY, [change(2000, "abolished", COUNTY, None)], {CITY}) == ()
    assert leads_to(COUNTY, [change(2000, "abolished", COUNTY, CITY)], {CITY}) == (CITY,)


@pytest.mark.parametrize(
    ("changes", "year"),
    [
        ([change(2000, "recoded", COUNTY, CITY)], 2000),
        ([change(2000, "abolished", COUNTY, None)], 2000),
        ([change(2000, "recoded", COUNTY, CITY), change(2003, "established", None, COUNTY)], None),
        ([change(2000, "renamed", COUNTY, COUNTY)], None),
        ([change(2000, "adjusted", COUNTY, CITY)], None),
        ([change(2000, "recoded", COUNTY, CITY), change(2000, "reassigned", COUNTY, COUNTY)], None),
    ],
)
def test_a_code_has_ended_where_its_last_change_took_its_meaning(changes: list[RegionChange], year: int | None) -> None:
    assert ended_on(COUNTY, changes) == (date(year, 6, 1) if year else None)


CODES = [f"5116{number:02}000000" for number in range(1, 8)]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, str], list[RegionChange], set[str]]:
    """Places that take free codes one after another, one a day: who is where now, and the changes that say so."""
    at = {code: code for code in CODES[:4]}
    changes, day = [], date(1990, 1, 1)
    for place, code in draw(st.lists(st.tuples(st.sampled_from(CODES[:4]), st.sampled_from(CODES)), max_size=12)):
        day += timedelta(days=1)
        if code not in at.values():
            changes.append(RegionChange(day, "recoded", at[place], place, code, place))
            at[place] = code
    return at, changes, set(at.values())


@given(histories())
def test_whoever_moves_is_found_from_every_code_it_ever_had(history: tuple[dict[str, str], list[RegionChange], set[str]]) -> None:
    at, changes, current = history
    for place, code in at.items():
        before = follow(place, changes, written_on=date(1980, 1, 1), as_of=date(2026, 1, 1), is_current=current.__contains__)
        assert before.codes == (code,)
        for one in changes:
            if one.old_name == place and one.new_code:
                later = follow(one.new_code, changes, written_on=one.effective_on, as_of=date(2026, 1, 1), is_current=current.__contains__)
                assert later.codes == (code,)
