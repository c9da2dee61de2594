"""Access rules: who comes in by kind, scope, post and assurance, and who really acts."""

from typing import Any
from uuid import uuid4

from fastapi.routing import iter_route_contexts
import pytest

from chassis.access import AccessRule, PublicAccess, rules_of
from tests.support.service import ServiceUnderTest


@pytest.mark.parametrize(
    ("kind", "scopes", "claims", "path", "status", "slug"),
    [
        ("person", ["toy.make"], {}, "/acting", 200, ""),
        ("person", ["toy.make2", "toy"], {}, "/acting", 403, "missing-scope"),
        ("staff", ["toy.make"], {}, "/acting", 403, "wrong-kind-of-actor"),
        ("system", ["toy.make"], {}, "/acting", 403, "wrong-kind-of-actor"),
        ("service", ["toy.make"], {}, "/acting", 403, "wrong-kind-of-actor"),
        ("person", ["toy.make"], {"assurance": 2}, "/verified", 401, "assurance-too-low"),
        ("person", ["toy.make"], {"assurance": 3}, "/verified", 200, ""),
        ("organisation", ["toy.make"], {}, "/verified", 401, "assurance-too-low"),
        ("staff", ["toy.inspect"], {"posts": ["decider"]}, "/inspection", 200, ""),
        ("staff", ["toy.inspect"], {"posts": ["window"]}, "/inspection", 403, "forbidden"),
        ("staff", ["toy.inspect"], {}, "/inspection", 403, "forbidden"),
    ],
)
async def test_a_route_lets_in_whom_its_rule_names(
    toy: ServiceUnderTest, kind: str, scopes: list[str], claims: dict[str, Any], path: str, status: int, slug: str
) -> None:
    answer = await toy.http.get(path, headers=toy.as_(kind, *scopes, **claims))
    assert answer.status_code == status, answer.text
    if slug:
        assert answer.json()["type"] == f"urn:tongban:problem:{slug}"


async def test_a_level_too_low_is_challenged_as_clients_expect(toy: ServiceUnderTest) -> None:
    """RFC 9470, 3: the client sends its person back to the issuer with these acr_values."""
    answer = await toy.http.get("/verified", headers=toy.as_("person", "toy.make", assurance=2))
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="tongban", error="insufficient_user_authentication", acr_values="urn:tongban:assurance:3"'
    )
    assert (answer.json()["needed"], answer.json()["actual"]) == (3, 2)


async def test_without_a_token_a_guarded_route_is_401(toy: ServiceUnderTest) -> None:
    answer = await toy.http.get("/acting")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="tongban"'


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dTpw", "token abc", "", "bearer\tabc"])
async def test_an_authorization_that_is_no_bearer_token_is_401_even_on_an_open_route(toy: ServiceUnderTest, header: str) -> None:
    answer = await toy.http.get("/things", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tongban:problem:unauthenticated")


async def test_a_token_on_an_open_route_must_be_good(toy: ServiceUnderTest) -> None:
    assert (await toy.http.get("/things", headers={"Authorization": "Bearer a.b.c"})).status_code == 401
    assert (await toy.http.get("/things", headers=toy.as_("staff"))).status_code == 200


async def test_the_scheme_is_read_in_any_case(toy: ServiceUnderTest) -> None:
    token = toy.as_("person", "toy.make")["Authorization"].removeprefix("Bearer ")
    assert (await toy.http.get("/acting", headers={"Authorization": f"bEaReR {token}"})).status_code == 200


async def test_who_acts_for_whom_is_both_known(toy: ServiceUnderTest) -> None:
    company, clerk = uuid4(), uuid4()
    headers = toy.as_("organisation", "toy.make", subject=company, act={"sub": str(clerk), "name": "张三"})
    assert (await toy.http.get("/acting", headers=headers)).json() == {"subject": str(company), "person": str(clerk), "delegate": "张三"}
    alone = uuid4()
    assert (await toy.http.get("/acting", headers=toy.as_("person", "toy.make", subject=alone))).json()["person"] == str(alone)


async def test_an_issuer_that_is_away_is_503_and_not_a_refusal(toy: ServiceUnderTest) -> None:
    toy.peers.take_down("identity")
    answer = await toy.http.get("/acting", headers=toy.as_("person", "toy.make"))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:tongban:problem:peer-unavailable")
    toy.peers.bring_back("identity")


async def test_every_rule_of_a_route_is_found_and_told_in_its_document(toy: ServiceUnderTest) -> None:
    rules = {route.path: rules_of(route.dependant) for route in iter_route_contexts(toy.app.routes) if getattr(route, "dependant", None)}
    assert [type(rule) for rule in rules["/api/toy/v1/things/anonymous"]] == [PublicAccess]
    [rule] = rules["/api/toy/v1/verified"]
    assert isinstance(rule, AccessRule) and (rule.scope, rule.assurance) == ("toy.make", 3)
    paths = toy.app.openapi()["paths"]
    assert paths["/api/toy/v1/verified"]["get"]["security"] == [{"token": []}]
    assert "toy.make" in paths["/api/toy/v1/verified"]["get"]["description"]
    assert paths["/api/toy/v1/things"]["get"]["security"] == [{}, {"token": []}]
    assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "503", "504"} <= set(
        paths["/api/toy/v1/things/{thing_id}"]["put"]["responses"]
    )
