"""Access rules as named types: `CanSubmit = Annotated[Actor, Depends(AccessRule("things.submit", kinds={"person"}))]`.

Every route names exactly one; a test fails on a route without. A rule says who may come in at all; which records they see is
decided in SQL by the service. The rule's scope is part of the vocabulary: each has a public sentence.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request

from chassis import context
from chassis.actor import Actor, Kind
from chassis.problems import Forbidden, Text, Unauthenticated


class MissingScope(Forbidden):
    slug = "missing-scope"
    detail = Text("令牌缺少权限 {scope}。", "The token lacks the scope {scope}.")


class WrongKind(Forbidden):
    slug = "wrong-kind-of-actor"
    detail = Text("此功能供以下身份使用：{kinds}。", "This is for: {kinds}.")


RAISED_BY: Mapping[int, tuple[str, ...]] = {
    2: ("population-base", "bank-channel", "face-service", "in-person"),
    3: ("bank-channel", "face-service", "in-person"),
    4: ("in-person",),
}
"""The verifications that reach an assurance level, as the issuer of tokens names them."""


class AssuranceTooLow(Forbidden):
    """`raised_by` says which verifications reach what is needed, `step_up` where one asks for them."""

    slug = "assurance-too-low"
    detail = Text(
        "此事项要求实名等级 {needed}，当前为 {actual}；请先按 raised_by 中任一方式核验（POST {step_up}），再重新获取令牌。",
        "This needs assurance level {needed}, yours is {actual}; be verified in one of the ways in raised_by (POST {step_up}) and get a new token.",
    )

    def __init__(self, *, needed: int, actual: int) -> None:
        super().__init__(
            needed=needed, actual=actual, raised_by=list(RAISED_BY.get(needed, ())), step_up="/api/identity/v1/me/verifications"
        )


class AccessRule:
    """Who may use a route. `scope` is demanded of the token; `kinds` of the actor; `posts`: any one of them."""

    def __init__(self, scope: str, meaning: Text, *, kinds: Iterable[Kind], assurance: int = 0, posts: Iterable[str] = ()) -> None:
        self.scope = scope
        self.meaning = meaning
        self.kinds = frozenset(kinds)
        self.assurance = assurance
        self.posts = frozenset(posts)

    async def __call__(self, request: Request) -> Actor:
        """Raises Unauthenticated, TokenRefused, MissingScope, WrongKind, AssuranceTooLow, Forbidden."""
        actor = await bearer_actor(request)
        if actor is None:
            raise Unauthenticated()
        self.check(actor)
        request.state.access = actor
        return actor

    def check(self, actor: Actor) -> None:
        if actor.kind not in self.kinds:
            raise WrongKind(kinds=", ".join(sorted(self.kinds)))
        if self.scope not in actor.scopes:
            raise MissingScope(scope=self.scope)
        if self.posts and not (self.posts & actor.posts):
            raise Forbidden(posts=sorted(self.posts))
        if actor.kind in ("person", "organisation") and actor.assurance < self.assurance:
            raise AssuranceTooLow(needed=self.assurance, actual=actor.assurance)


class PublicAccess:
    """Open to everyone; a token, where one is sent, must still be good. `reason` says why it is safe to be open."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    async def __call__(self, request: Request) -> Actor | None:
        actor = await bearer_actor(request)
        request.state.access = actor
        return actor


async def bearer_actor(request: Request) -> Actor | None:
    """The verified actor of the request's bearer token; None without an Authorization header. Raises TokenRefused, StandingEnded, Unauthenticated."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(error="invalid_request")
    runtime = request.app.state.runtime
    actor: Actor = await runtime.verifier.verify(token.strip())
    if actor.standing is not None:
        await runtime.standing.demand(actor.standing)
    current = context.current()
    if current is not None:
        current.facts["actor"] = f"{actor.kind}:{actor.subject}"
        if actor.via:
            current.facts["via"] = str(actor.via.subject)
    return actor


def rules_of(dependant: Any) -> list[AccessRule | PublicAccess]:
    """Every access rule in a route's dependency tree."""
    found = [dependant.call] if isinstance(dependant.call, AccessRule | PublicAccess) else []
    for inner in dependant.dependencies:
        found.extend(rules_of(inner))
    return found
