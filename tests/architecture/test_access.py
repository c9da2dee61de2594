"""Every route says who may use it."""

import pytest

from chassis.access import AccessRule, PublicAccess, rules_of
from chassis.edge import takes_write
from host.services import SERVICES
from tests.architecture.house import api_routes, app_of

HEALTH = {"/healthz", "/readyz", "/metrics"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_names_exactly_one_access_rule(service: str) -> None:
    routes = list(api_routes(service))
    assert len(routes) >= 5
    wrong = {
        f"{context.methods} {context.path}": len(rules_of(context.dependant)) for context in routes if len(rules_of(context.dependant)) != 1
    }
    assert wrong == {}


@pytest.mark.parametrize("service", SERVICES)
def test_a_route_without_a_dependency_tree_is_health_or_the_api_document(service: str) -> None:
    documents = {f"/api/{service}/v1/openapi.json"}
    known = {getattr(context, "path", "") for context in api_routes(service)}
    for route in app_of(service).router.routes:
        path = getattr(route, "path", None)
        if path is not None and path not in known:
            assert path in HEALTH | documents, path


@pytest.mark.parametrize("service", SERVICES)
def test_a_writing_route_decides_access_before_it_opens_its_transaction(service: str) -> None:
    for context in api_routes(service):
        if not takes_write(context.dependant):
            continue
        kinds = ["access" if rules_of(one) else "write" if takes_write(one) else "" for one in context.dependant.dependencies]
        order = [kind for kind in kinds if kind]
        assert order.index("access") < order.index("write"), context.path


@pytest.mark.parametrize("service", SERVICES)
def test_every_scope_has_a_sentence_in_both_languages_and_every_open_route_a_reason(service: str) -> None:
    for context in api_routes(service):
        for rule in rules_of(context.dependant):
            if isinstance(rule, AccessRule):
                assert rule.scope and rule.meaning.zh and rule.meaning.en and rule.kinds, context.path
            else:
                assert isinstance(rule, PublicAccess) and len(rule.reason) > 8, context.path
