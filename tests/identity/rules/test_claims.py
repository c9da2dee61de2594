"""Claims are read back by every service as the actor they were made for."""

from datetime import UTC, datetime
from uuid import UUID

from chassis.tokens import actor_from_claims
from services.identity.rules.claims import Principal, access_claims, id_claims

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
PERSON = Principal(UUID(int=1), "person", "王小明", assurance=2, holder_index="aa")
ORGANISATION = Principal(UUID(int=2), "organisation", "小明面馆", assurance=2, holder_index="bb")
CLERK = Principal(UUID(int=3), "staff", "李窗口", department="11511602MB00000001", region="511602000000", posts=("window",), grade=1)
SCOPES = frozenset({"intake.apply"})


def claims_of(principal: Principal, delegate: Principal | None = None) -> dict[str, object]:
    return access_claims(
        principal, issuer="http://i", client_id="hall", scopes=SCOPES, now=NOW, token_id=UUID(int=9), delegate=delegate
    )  # fmt: skip


def test_a_persons_token_says_how_sure_we_are_and_lasts_a_quarter_of_an_hour() -> None:
    claims = claims_of(PERSON)
    actor = actor_from_claims(claims)
    assert (actor.subject, actor.kind, actor.assurance, actor.holder_index) == (PERSON.subject, "person", 2, "aa")
    assert actor.scopes == SCOPES
    assert claims["exp"] == int(NOW.timestamp()) + 900
    assert claims["aud"] == "tongban"


def test_a_token_for_an_organisation_names_the_person_behind_it() -> None:
    actor = actor_from_claims(claims_of(ORGANISATION, delegate=PERSON))
    assert actor.subject == ORGANISATION.subject
    assert actor.via is not None
    assert (actor.via.subject, actor.via.name, actor.via.holder_index) == (PERSON.subject, "王小明", "aa")
    assert actor.person == PERSON.subject


def test_a_staff_token_says_where_they_work_and_no_assurance() -> None:
    claims = claims_of(CLERK)
    actor = actor_from_claims(claims)
    assert (actor.department, actor.region, actor.posts, actor.grade) == (CLERK.department, CLERK.region, frozenset({"window"}), 1)
    assert "assurance" not in claims


def test_an_id_token_is_for_its_client_and_carries_the_nonce_it_was_asked_with() -> None:
    claims = id_claims(PERSON, issuer="http://i", client_id="hall", nonce="n", now=NOW, signed_in_at=NOW, session_id=PERSON.subject)
    assert (claims["aud"], claims["nonce"], claims["sub"]) == ("hall", "n", str(PERSON.subject))
    assert (claims["sid"], claims["acr"]) == (str(PERSON.subject), f"urn:tongban:assurance:{PERSON.assurance}")
    staff = id_claims(CLERK, issuer="http://i", client_id="hall", nonce="", now=NOW, signed_in_at=NOW, session_id=None)
    assert not {"acr", "sid"} & set(staff)
    assert "nonce" not in id_claims(PERSON, issuer="http://i", client_id="hall", nonce="", now=NOW, signed_in_at=NOW, session_id=None)
