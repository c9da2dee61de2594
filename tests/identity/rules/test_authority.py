"""Who may do what: own office and delegations, against a slow reference that tries every act."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.identity.rules.authority import (
    EVERY_ITEM,
    Appointment,
    Authority,
    Delegation,
    Grant,
    ItemSet,
    authority_of,
    overreach_of,
)

TODAY = date(2026, 9, 21)
DEPARTMENTS = ("A", "B")
POSTS = ("reviewer", "decider", "administrator")
REGIONS = ("510000000000", "511600000000", "511602000000", "511602001000", "511603000000")
ITEMS = (("A", "a1"), ("A", "a2"), ("B", "b1"))
ACTS = tuple(product(DEPARTMENTS, POSTS, REGIONS, range(4), ITEMS))
"""Everything anybody could try: post of a department, region of the matter, grade it needs, item with its department."""

subsets = st.none() | st.frozensets(st.sampled_from(DEPARTMENTS))
codes = st.none() | st.frozensets(st.sampled_from([code for _, code in ITEMS]))
item_sets = st.builds(ItemSet, subsets, codes)
appointments = st.builds(
    Appointment,
    st.sampled_from(DEPARTMENTS),
    st.frozensets(st.sampled_from(POSTS)),
    st.sampled_from(REGIONS),
    st.integers(0, 3),
    item_sets,
    st.sampled_from([False, False, True]),
)
days = st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n))
delegations = st.builds(
    Delegation,
    id=st.integers(1, 99).map(lambda n: UUID(int=n)),
    delegator=appointments,
    posts=st.frozensets(st.sampled_from(POSTS), min_size=1),
    region=st.sampled_from(REGIONS),
    grade=st.integers(0, 3),
    valid_from=days,
    valid_until=days,
    items=item_sets,
    department=st.sampled_from(DEPARTMENTS),
    is_revoked=st.booleans(),
)


def slow_within(region: str, subtree: str) -> bool:
    """By walking up: cut a level, fill with zeros, compare."""
    above = {region} | {region[:length].ljust(12, "0") for length in (2, 4, 6, 9, 12)}
    return subtree in above


def slow_office_allows(office: Appointment, act: tuple[str, str, str, int, tuple[str, str]]) -> bool:
    department, post, region, grade, (of, code) = act
    return (
        not office.has_left
        and department == office.department
        and post in office.posts
        and slow_within(region, office.region)
        and grade <= office.grade
        and (office.items.departments is None or of in office.items.departments)
        and (office.items.codes is None or code in office.items.codes)
    )


def slow_delegation_allows(given: Delegation, act: tuple[str, str, str, int, tuple[str, str]]) -> bool:
    box = Appointment(given.department, given.posts, given.region, given.grade, given.items)
    in_force = not given.is_revoked and given.valid_from <= TODAY <= given.valid_until
    return in_force and slow_office_allows(box, act) and slow_office_allows(given.delegator, act)


def allows(authority: Authority, act: tuple[str, str, str, int, tuple[str, str]]) -> bool:
    department, post, region, grade, (of, code) = act
    wanted = Grant(department, post, region, grade)
    return any(
        Grant(one.department, one.post, one.region, one.grade).covers(wanted) and one.items.has(of, code) for one in authority.grants
    )


@given(appointments, st.lists(delegations, max_size=4))
def test_authority_is_what_a_slow_trial_of_every_act_says(own: Appointment, received: list[Delegation]) -> None:
    found = authority_of(own, received, version=1, today=TODAY)
    for act in ACTS:
        expected = slow_office_allows(own, act) or (not own.has_left and any(slow_delegation_allows(one, act) for one in received))
        assert allows(found, act) is expected, act


@given(delegations)
def test_what_passes_the_check_hands_on_nothing_the_delegator_cannot_do(given: Delegation) -> None:
    if overreach_of(given, today=TODAY):
        return
    assert all(any(own.covers(box) for own in given.delegator.grants()) for box in given.grants())
    assert not any(grant.post == "administrator" for grant in given.grants())


@given(delegations)
def test_a_delegation_within_ones_authority_is_never_refused(given: Delegation) -> None:
    own = given.delegator
    fits = (
        not own.has_left
        and given.posts <= own.posts - {"administrator"}
        and slow_within(given.region, own.region)
        and given.grade <= own.grade
        and own.items.covers(given.items)
        and TODAY <= given.valid_from <= given.valid_until
    )
    assert (overreach_of(given, today=TODAY) == []) is fits


@given(appointments, st.lists(delegations, max_size=3), st.lists(delegations, max_size=3))
def test_the_stamp_changes_exactly_when_what_one_may_do_does(own: Appointment, one: list[Delegation], other: list[Delegation]) -> None:
    first, second = (authority_of(own, received, version=1, today=TODAY) for received in (one, other))
    assert (first.stamp == second.stamp) is (first.grants == second.grants)
    assert authority_of(own, one, version=2, today=TODAY).stamp != first.stamp


OFFICE = Appointment("A", frozenset({"decider"}), "511602000000", 2)


def delegation(**change: object) -> Delegation:
    facts: dict[str, object] = {
        "id": UUID(int=1), "delegator": OFFICE, "department": "A", "posts": frozenset({"decider"}), "region": "511602001000", "grade": 2,
        "valid_from": TODAY, "valid_until": TODAY,
    }  # fmt: skip
    return Delegation(**{**facts, **change})  # type: ignore[arg-type]


def test_a_delegation_counts_on_its_first_and_its_last_day_only() -> None:
    nobody = Appointment("A", frozenset(), "511602000000", 0)
    given = delegation(valid_until=TODAY + timedelta(days=1))
    in_force = [bool(authority_of(nobody, [given], version=1, today=TODAY + timedelta(days=n)).grants) for n in (-1, 0, 1, 2)]
    assert in_force == [False, True, True, False]


def test_a_delegation_shrinks_with_its_delegator() -> None:
    demoted = Appointment("A", frozenset({"decider"}), "511602000000", 1)
    (left,) = delegation(delegator=demoted).grants()
    assert (left.region, left.grade) == ("511602001000", 1)
    assert delegation(delegator=Appointment("A", frozenset({"decider"}), "511602000000", 2, has_left=True)).grants() == frozenset()
    assert delegation(delegator=Appointment("B", frozenset({"decider"}), "511602000000", 2)).grants() == frozenset()


def test_a_year_is_the_longest() -> None:
    assert overreach_of(delegation(valid_until=TODAY + timedelta(days=365)), today=TODAY) == []
    assert [f.reason for f in overreach_of(delegation(valid_until=TODAY + timedelta(days=366)), today=TODAY)] == ["too-long"]


def test_items_of_some_departments_and_codes_must_be_both() -> None:
    chosen = ItemSet(frozenset({"A"}), frozenset({"a1", "b1"}))
    assert [chosen.has(*item) for item in ITEMS] == [True, False, False]
    assert EVERY_ITEM.covers(chosen) and not chosen.covers(EVERY_ITEM)
