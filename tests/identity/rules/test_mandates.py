"""What a mandate may say, and who may end it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.identity.rules.mandates import MandateKind, Terms, assurance_of, end_reason, fault_of
from services.identity.rules.scopes import SCOPES

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
kinds = st.sampled_from(["handler", "agent", "helper", "guardian"])


@given(
    kinds, st.sampled_from(["person", "organisation"]), st.frozensets(st.sampled_from(sorted(SCOPES))),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=3), st.timedeltas(timedelta(days=-9), timedelta(days=9)),
    st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=3000)),
)  # fmt: skip
def test_terms_without_fault_are_never_wider_than_their_kind(
    kind: MandateKind, principal_kind: str, scopes: frozenset[str], items: list[str], begins: timedelta, ends: timedelta | None
) -> None:
    terms = Terms(kind, principal_kind, scopes, tuple(items), NOW + begins, NOW + ends if ends is not None else None)  # type: ignore[arg-type]
    if fault_of(terms, now=NOW) is not None:
        return
    assert not any(scope.startswith("identity.") for scope in terms.covered)
    assert (kind == "handler") == (principal_kind == "organisation")
    if kind in ("agent", "helper"):
        assert len(items) == 1
        assert "certificates.own" not in terms.covered
    if kind != "guardian":
        assert terms.ends_at is not None
        assert NOW < terms.ends_at <= NOW + timedelta(days=3 * 366)


@pytest.mark.parametrize("kind", ["handler", "agent", "helper"])
def test_both_sides_end_it_and_nobody_else(kind: MandateKind) -> None:
    principal, agent = uuid4(), uuid4()
    assert end_reason(kind=kind, principal=principal, agent=agent, by=principal) == "by_principal"
    assert end_reason(kind=kind, principal=principal, agent=agent, by=agent) == "by_agent"
    assert end_reason(kind=kind, principal=principal, agent=agent, by=uuid4()) is None
    assert end_reason(kind="guardian", principal=principal, agent=agent, by=principal) is None


@given(st.integers(1, 4), st.integers(1, 4))
def test_an_act_is_as_sure_as_the_less_sure_of_both_unless_a_record_vouches(agent: int, principal: int) -> None:
    assert assurance_of("agent", agent=agent, principal=principal) == min(agent, principal)
    assert assurance_of("guardian", agent=agent, principal=principal) == agent
    assert assurance_of("handler", agent=agent, principal=None) == agent
