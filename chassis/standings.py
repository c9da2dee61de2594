"""Where staff stand now: their authority as the issuer knows it at this moment, asked at every request they make.

A change counts from the very next request: nothing is cached (chassis/asking.py), and neither the bus nor a clock is trusted.
Without the issuer no staff request is served (503): refusing is the safe side.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.actor import Actor, Grant
from chassis.asking import SECONDS, Ask, SharedQuestions
from chassis.http import HttpClient, PeerRefused
from chassis.problems import Text, Unauthenticated, Unavailable


class AuthorityChanged(Unauthenticated):
    """The token is older than the last change of its holder's authority: a refreshed one says what they may do now."""

    slug = "authority-changed"
    title = Text("职权已变更", "Your authority has changed")
    detail = Text(
        "令牌签发后您的岗位、授权或账号状态有变，请刷新令牌后重试；不能刷新的，请重新登录。",
        "Your posts, delegations or account changed after this token was issued: refresh the token and try again, or sign in anew.",
    )

    def __init__(self) -> None:
        super().__init__(error="invalid_token")


@dataclass(frozen=True, slots=True)
class Standing:
    """A staff member's own office and all they may do now; `stamp` names this state."""

    stamp: str
    department: str
    region: str
    posts: frozenset[str]
    grade: int
    grants: tuple[Grant, ...]


class Standings(SharedQuestions[UUID, Standing]):
    """One who has no standing (unknown, or left) is missing in the answer."""

    async def confirm(self, actor: Actor) -> Actor:
        """The actor as they stand now. Raises AuthorityChanged for an older token, Unavailable when the issuer is away."""
        standing = await self.answer_for(actor.subject)
        if standing is None or actor.stamp != standing.stamp:
            raise AuthorityChanged()
        return replace(
            actor, department=standing.department, region=standing.region, posts=standing.posts, grade=standing.grade, grants=standing.grants
        )  # fmt: skip


def standings_of_issuer(http: HttpClient, issuer: str) -> Ask[UUID, Standing]:
    """Asks the issuer's service over HTTP, in this service's own name."""

    async def ask(subjects: Collection[UUID]) -> Mapping[UUID, Standing]:
        query = "&".join(f"of={subject}" for subject in subjects)
        try:
            answer = await http.get(issuer, f"/standings?{query}", as_service=True, timeout=SECONDS)
        except PeerRefused as refused:  # our own standing with the issuer is not the caller's mistake
            raise Unavailable() from refused
        return {UUID(one["id"]): standing_from(one) for one in answer.json()["data"]}

    return ask


def standing_from(document: Mapping[str, Any]) -> Standing:
    """What the issuer's answer says of one."""
    grants = tuple(
        Grant(
            department=grant["department"],
            post=grant["post"],
            region=grant["region"],
            grade=grant["grade"],
            departments=_codes(grant.get("departments")),
            items=_codes(grant.get("items")),
            delegation=UUID(grant["delegation"]) if grant.get("delegation") else None,
        )
        for grant in document["grants"]
    )
    own = {name: document[name] for name in ("stamp", "department", "region", "grade")}
    return Standing(posts=frozenset(document["posts"]), grants=grants, **own)


def _codes(listed: Sequence[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
