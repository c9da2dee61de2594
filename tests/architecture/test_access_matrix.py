"""Every route × every kind of actor: each is really called, and let in exactly where its rule says, before anything else happens.

The scopes of an actor are what identity grants their kind and posts. No service has a database here: whoever is let in meets that,
who is not never gets so far. Whose records one sees is shown on real records in tests/journeys/test_own_and_others.py.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
import re
from typing import Any
from uuid import UUID

from fastapi.routing import RouteContext
import httpx
import pytest

from chassis.access import AccessRule, PublicAccess, rules_of
from chassis.actor import Actor, Grant
from chassis.crypto import new_master_key
from chassis.problems import Problem
from chassis.tokens import TokenRefused
from host.services import SERVICES
from services.identity.rules.scopes import SCOPES, granted
from tests.architecture.house import api_routes

POSTS = ("window", "reviewer", "decider", "item-editor", "item-reviewer", "administrator")
DEPARTMENT, REGION = "115116020000000000", "511602000000"
FORGED = "forged"


def _actor(kind: str, post: str | None = None, *, delegated: bool = False) -> Actor:
    posts = frozenset({post} if post else ())
    grants = tuple(Grant(DEPARTMENT, one, REGION, 3, delegation=UUID(int=9) if delegated else None) for one in posts)
    own = {"department": DEPARTMENT, "region": REGION, "posts": frozenset() if delegated else posts, "grants": grants}
    scopes = granted(kind, frozenset(), posts=posts) | granted(kind, frozenset({"openid"}), posts=posts)
    return Actor(UUID(int=1), kind, "某某", "matrix", scopes, assurance=4, **(own if kind == "staff" else {}))  # type: ignore[arg-type]


ACTORS: Mapping[str, Actor] = {
    **{kind: _actor(kind) for kind in ("person", "organisation", "system", "service")},
    "unverified person": replace(_actor("person"), assurance=1),
    "staff without a post": _actor("staff"),
    **{f"staff {post}": _actor("staff", post) for post in POSTS},
    **{f"staff {post} by delegation": _actor("staff", post, delegated=True) for post in POSTS if post != "administrator"},
}
CALLERS = (*ACTORS, "nobody", FORGED)


class LetIn(Problem):
    status = 418
    slug = "let-in"


class _NoDatabase:
    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        raise LetIn()
        yield

    write = read


class _Verifier:
    async def verify(self, token: str) -> Actor:
        if token not in ACTORS_BY_TOKEN:
            raise TokenRefused("forged")
        return ACTORS_BY_TOKEN[token]


class _Standings:
    async def confirm(self, actor: Actor) -> Actor:
        return actor


ACTORS_BY_TOKEN = {name.replace(" ", "-"): actor for name, actor in ACTORS.items()}


@cache
def _app(service: str) -> Any:
    entry = SERVICES[service]
    app = entry.create_app(entry.settings_class(master_key=new_master_key()))
    runtime = app.state.runtime
    runtime.db, runtime.verifier, runtime.standings = _NoDatabase(), _Verifier(), _Standings()
    return app


ROUTES: Mapping[str, tuple[str, RouteContext, str]] = {
    f"{method} {context.path}": (service, context, method)
    for service in SERVICES
    for context in api_routes(service)
    for method in sorted(context.methods or ())
}


def _refusal(rule: AccessRule | PublicAccess, caller: str) -> int | None:
    """The status a rule refuses the caller with; None: let in."""
    if isinstance(rule, PublicAccess):
        reads_tokens = type(rule).__call__ is PublicAccess.__call__
        return 401 if caller == FORGED and reads_tokens else None
    if caller in ("nobody", FORGED):
        return 401
    try:
        rule.check(ACTORS[caller])
    except Problem as refusal:
        return refusal.status
    return None


@pytest.mark.parametrize(("service", "context", "method"), list(ROUTES.values()), ids=list(ROUTES))
async def test_every_route_lets_in_exactly_those_its_rule_names(service: str, context: RouteContext, method: str) -> None:
    (rule,) = rules_of(context.dependant)
    path = re.sub(r"\{[^}]+\}", "0199a000-0000-7000-8000-000000000001", str(context.path))
    transport = httpx.ASGITransport(app=_app(service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://matrix") as http:
        for caller in CALLERS:
            headers = {} if caller == "nobody" else {"Authorization": f"Bearer {caller.replace(' ', '-')}"}
            answer = await http.request(method, path, headers=headers, json={} if method in ("PUT", "POST", "PATCH") else None)
            expected = _refusal(rule, caller)
            if expected is None:
                assert answer.status_code not in (401, 403) or _is_own_refusal(answer), f"{caller} was refused: {answer.text}"
            else:
                assert answer.status_code == expected, f"{caller} got {answer.status_code}: {answer.text[:300]}"


def _is_own_refusal(answer: httpx.Response) -> bool:
    """The token endpoint's own 401: the client did not prove itself."""
    return bool(answer.json()["type"] == "urn:tongban:problem:client-refused")


GUARDED: Mapping[str, AccessRule] = {
    route: rule for route, (_, context, _) in ROUTES.items() for rule in rules_of(context.dependant) if isinstance(rule, AccessRule)
}


def _reach(caller: str) -> set[str]:
    """The guarded routes a caller is let in at."""
    return {route for route, rule in GUARDED.items() if _refusal(rule, caller) is None}


def test_who_is_nobody_or_brings_a_forged_token_reaches_no_guarded_route() -> None:
    assert _reach("nobody") == _reach(FORGED) == set()


def test_staff_without_a_post_reach_only_what_is_about_themselves() -> None:
    about_themselves = re.compile(r"\S+ /api/identity/v1/(me|userinfo|authority|delegations\S*)|GET /api/intake/v1/receipts/\S+")
    assert [route for route in _reach("staff without a post") if not about_themselves.fullmatch(route)] == []


def test_a_post_held_by_delegation_opens_the_same_doors_as_ones_own() -> None:
    for post in POSTS[:-1]:
        assert _reach(f"staff {post}") == _reach(f"staff {post} by delegation")


def test_an_administrator_among_staff_administers_and_decides_nothing() -> None:
    extra = _reach("staff administrator") - _reach("staff without a post")
    assert extra and all(route.split(" ")[1].startswith("/api/identity/v1/") for route in extra)


def test_people_and_organisations_never_reach_a_desk_or_administration() -> None:
    officials = set.union(*(_reach(f"staff {post}") for post in POSTS)) | _reach("service")
    shared = (_reach("person") | _reach("organisation")) & officials
    allowed = re.compile(
        r"((GET|POST) /api/identity/v1/userinfo|GET /api/(identity/v1/me|intake/v1/receipts/\S+|certificates/v1/certificates/\S+))"
    )
    assert [route for route in shared if not allowed.fullmatch(route)] == []


def test_every_route_asks_for_a_scope_that_exists() -> None:
    assert {rule.scope for rule in GUARDED.values()} <= set(SCOPES)
