"""Access rules as named types: `CanSubmit = Annotated[Actor, Depends(AccessRule("things.submit", kinds={"person"}))]`.

Every route names exactly one; a test fails on a route without. A rule says who may come in at all; which records they see is
decided in SQL by the service. The rule's scope is part of the vocabulary: each has a public sentence.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request

from chassis import context
from chassis.actor import Actor, Kind
from chassis.dpop import PASSED_ON_BY, BadProof, check_proof
from chassis.problems import Forbidden, Text, Unauthenticated
from chassis.tokens import ProofRefused


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


ASSURANCE = "urn:tongban:assurance:"
"""Before a level: what authorization requests ask for and tokens say (`acr_values`, `acr`)."""


class AssuranceTooLow(Unauthenticated):
    """`raised_by` says which verifications reach what is needed, `step_up` where one asks for them; the challenge is RFC 9470's."""

    slug = "assurance-too-low"
    title = Text("实名等级不够", "Assurance level too low")
    detail = Text(
        "此事项要求实名等级 {needed}，当前为 {actual}；请先按 raised_by 中任一方式核验（POST {step_up}），再重新获取令牌。",
        "This needs assurance level {needed}, yours is {actual}; be verified in one of the ways in raised_by (POST {step_up}) and get a new token.",
    )

    def __init__(self, *, needed: int, actual: int) -> None:
        super().__init__(
            error="insufficient_user_authentication", needed=needed, actual=actual, raised_by=list(RAISED_BY.get(needed, ())),
            step_up="/api/identity/v1/me/verifications",
        )  # fmt: skip
        self.headers["WWW-Authenticate"] += f', acr_values="{ASSURANCE}{needed}"'


class AccessRule:
    """Who may use a route. `scope` is demanded of the token; `kinds` of the actor; `posts`: any one of them."""

    def __init__(self, scope: str, meaning: Text, *, kinds: Iterable[Kind], assurance: int = 0, posts: Iterable[str] = ()) -> None:
        self.scope = scope
        self.meaning = meaning
        self.kinds = frozenset(kinds)
        self.assurance = assurance
        self.posts = frozenset(posts)

    async def __call__(self, request: Request) -> Actor:
        """Raises Unauthenticated, TokenRefused, ProofRefused, MissingScope, WrongKind, AssuranceTooLow, Forbidden."""
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
        if self.posts and not (self.posts & actor.held_posts):
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
    """The verified actor of the request's token; None without an Authorization header.

    What a token was issued upon is asked after at every request it is used in. Staff are asked after at every request: what they may do is what the issuer says now, not what it said when the token was made.
    Raises TokenRefused, ProofRefused, Unauthenticated, BasisEnded, AuthorityChanged, Unavailable.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not token.strip():
        raise Unauthenticated(error="invalid_request")
    runtime = request.app.state.runtime
    verified: Actor = await runtime.verifier.verify(token.strip())
    if verified.key_thumbprint is not None or scheme.lower() == "dpop":
        await _check_possession(request, verified, scheme.lower())
    if verified.basis is not None:
        await runtime.basis.demand(verified.basis)
    actor: Actor = await runtime.standings.confirm(verified) if verified.kind == "staff" else verified
    current = context.current()
    if current is not None:
        current.facts["actor"] = f"{actor.kind}:{actor.subject}"
        if actor.via:
            current.facts["via"] = str(actor.via.subject)
    return actor


async def _check_possession(request: Request, actor: Actor, scheme: str) -> None:
    """Raises ProofRefused, TokenRefused."""
    runtime = request.app.state.runtime
    passed_on_by = request.headers.get(PASSED_ON_BY)
    if scheme == "bearer" and passed_on_by is not None:
        if (await runtime.verifier.verify(passed_on_by)).kind != "service":
            raise ProofRefused("passed on by no service of the suite")
        return
    proofs = request.headers.getlist("dpop")
    if scheme != "dpop" or actor.key_thumbprint is None or len(proofs) != 1:
        raise ProofRefused("the scheme is DPoP, for a token bound to a key, with one proof")
    now = runtime.clock.now().timestamp()
    try:
        proof = check_proof(proofs[0], method=request.method, url=public_url_of(request), now=now, token=actor.raw_token)
    except BadProof as error:
        raise ProofRefused(str(error)) from error
    if proof.thumbprint != actor.key_thumbprint:
        raise ProofRefused("another key")
    if not runtime.seen_proofs.use(proof, now=now):
        raise ProofRefused("used before")


def public_url_of(request: Request) -> str:
    """The URL under which the caller reached this route at the gateway, without query."""
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    origin: str = request.app.state.runtime.settings.public_url
    return origin.rstrip("/") + raw_path.partition(b"?")[0].decode("latin-1")


def rules_of(dependant: Any) -> list[AccessRule | PublicAccess]:
    """Every access rule in a route's dependency tree."""
    found = [dependant.call] if isinstance(dependant.call, AccessRule | PublicAccess) else []
    for inner in dependant.dependencies:
        found.extend(rules_of(inner))
    return found
