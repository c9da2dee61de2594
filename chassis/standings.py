"""Where staff stand now: their authority as the issuer knows it at this moment, asked at every request they make.

A change counts from the very next request because an answer is used only by requests that came before it was asked for: requests
that come while the issuer is being asked wait for the next question. So nothing is cached, however many ask share one question, and
neither the bus nor a clock is trusted. Without the issuer no staff request is served (503): refusing is the safe side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.actor import Actor, Grant
from chassis.http import HttpClient, PeerRefused
from chassis.problems import Text, Unauthenticated, Unavailable

MOST_AT_ONCE = 50
_QUESTIONS_AT_ONCE = 4
_SECONDS = 3.0


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


Ask = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, Standing]]]
"""Subjects → their standings; one who has none (unknown, or left) is missing in the answer."""


class Standings:
    """Asks for many at once: one question answers everybody who waited for it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self._waiting: dict[UUID, asyncio.Future[Standing | None]] = {}
        self._questions: set[asyncio.Task[None]] = set()

    async def confirm(self, actor: Actor) -> Actor:
        """The actor as they stand now. Raises AuthorityChanged for an older token, Unavailable when the issuer is away."""
        standing = await self.of(actor.subject)
        if standing is None or actor.stamp != standing.stamp:
            raise AuthorityChanged()
        return replace(
            actor, department=standing.department, region=standing.region, posts=standing.posts, grade=standing.grade, grants=standing.grants
        )  # fmt: skip

    async def of(self, subject: UUID) -> Standing | None:
        """Asked after this call began. Raises Unavailable."""
        future = self._waiting.get(subject)
        if future is None:
            future = self._waiting[subject] = asyncio.get_running_loop().create_future()
            if len(self._questions) < _QUESTIONS_AT_ONCE:
                # A context of its own: a question is nobody's, and ends by nobody's deadline.
                question = asyncio.create_task(self._ask_for_those_waiting(), name="standings", context=Context())
                self._questions.add(question)
                question.add_done_callback(self._questions.discard)
        return await asyncio.shield(future)

    async def _ask_for_those_waiting(self) -> None:
        while self._waiting:
            batch = dict(list(self._waiting.items())[:MOST_AT_ONCE])
            for subject in batch:
                del self._waiting[subject]
            try:
                found = await self.ask(list(batch))
            except Exception as error:
                for future in batch.values():
                    future.set_exception(error)
                    future.exception()  # those who asked may be gone; nobody is to be warned of that
            except BaseException:
                for future in batch.values():
                    future.cancel()
                raise
            else:
                for subject, future in batch.items():
                    future.set_result(found.get(subject))


def standings_of_issuer(http: HttpClient, issuer: str) -> Ask:
    """Asks the issuer's service over HTTP, in this service's own name."""

    async def ask(subjects: Sequence[UUID]) -> Mapping[UUID, Standing]:
        query = "&".join(f"of={subject}" for subject in subjects)
        try:
            answer = await http.get(issuer, f"/standings?{query}", as_service=True, timeout=_SECONDS)
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
