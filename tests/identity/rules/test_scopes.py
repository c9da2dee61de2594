"""Who can hold which scope."""

from hypothesis import given
from hypothesis import strategies as st

from services.identity.rules.scopes import OPERATOR, SCOPES, SERVICE_SCOPES, granted

KINDS = ["person", "organisation", "staff", "system", "service"]
asked_scopes = st.frozensets(st.sampled_from([*SCOPES, "profile", "offline_access", "made.up"]))
posts = st.frozensets(st.sampled_from(["window", "reviewer", "decider", "cleaner"]))


@given(st.sampled_from(KINDS), asked_scopes, posts, st.none() | asked_scopes)
def test_nobody_is_granted_a_scope_that_is_not_for_their_kind_and_post(
    kind: str, asked: frozenset[str], held: frozenset[str], ceiling: frozenset[str] | None
) -> None:
    for name in granted(kind, asked, ceiling=ceiling, posts=held):
        scope = SCOPES[name]
        assert kind in scope.kinds
        assert kind != "staff" or not scope.posts or scope.posts & held
        assert ceiling is None or name in ceiling or name == "openid"


def test_asking_for_nothing_by_name_gives_all_that_one_may_have() -> None:
    everything = {"identity.self", "identity.appoint", "intake.apply", "certificates.own", "certificates.use"}
    assert granted("person", frozenset()) == everything
    assert granted("person", frozenset({"openid", "profile"})) == everything | {"openid"}


def test_asking_by_name_gives_no_more_than_was_asked() -> None:
    assert granted("person", frozenset({"intake.apply", "approval.work"})) == {"intake.apply"}


def test_a_post_opens_the_scopes_of_its_desk_only() -> None:
    assert granted("staff", frozenset(), posts=["window"]) == {"identity.self", "identity.window", "intake.window"}
    assert granted("staff", frozenset(), posts=["decider"]) == {"identity.self", "approval.work"}
    assert granted("staff", frozenset(), posts=["item-editor"]) == {"identity.self", "catalog.items.maintain"}
    assert granted("staff", frozenset(), posts=["item-reviewer"]) >= {"catalog.items.review", "catalog.items.stop"}
    assert granted("staff", frozenset(), posts=[]) == {"identity.self"}


def test_each_service_holds_only_scopes_that_are_for_services_and_the_operator_all_of_them() -> None:
    for_services = {name for name, scope in SCOPES.items() if "service" in scope.kinds}
    assert SERVICE_SCOPES[OPERATOR] == for_services
    assert all(held <= for_services for held in SERVICE_SCOPES.values())
    assert [name for name, held in SERVICE_SCOPES.items() if "identity.admin" in held] == [OPERATOR]


def test_the_account_is_only_given_to_who_asks_for_it_by_name() -> None:
    assert "identity.account" not in granted("person", frozenset())
    assert granted("person", frozenset({"identity.account"})) == {"identity.account"}
    assert granted("person", frozenset({"identity.account"}), ceiling=frozenset({"identity.self"})) == set()
    assert granted("organisation", frozenset({"identity.account"})) == set()
