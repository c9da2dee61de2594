"""Basis: whether what a token was issued upon still holds (a grant that was not ended, a post that was not changed).

A token with a `stn` claim is good only while the issuer says so, asked at every request: what ended stops the very next one. Cost: one
small read at the issuer for each request with such a token, none for the others. Requests that arrive while a question is under way are
asked for together in the next, never answered from the present one, which may have been read before they came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextvars import Context
from itertools import islice
from urllib.parse import urlencode

from chassis.actor import Basis
from chassis.http import HttpClient
from chassis.problems import Text, Unauthenticated

AT_ONCE = 50
_SECONDS = 3.0

Ask = Callable[[Sequence[Basis]], Awaitable[Collection[Basis]]]
"""Those of at most `AT_ONCE` bases that hold now."""


class BasisEnded(Unauthenticated):
    slug = "basis-ended"
    title = Text("授权已结束", "The authority behind the token has ended")
    detail = Text(
        "令牌所依据的授权已结束或已变更，请重新登录或重新取得授权。",
        "What this token was issued upon has ended or changed; sign in again, or be authorised again.",
    )

    def __init__(self) -> None:
        super().__init__(error="invalid_token")


class BasisCheck:
    """One per process: it shares questions among requests."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: dict[Basis, asyncio.Future[bool]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def demand(self, basis: Basis) -> None:
        """Raises BasisEnded; Unavailable when the issuer cannot be asked, because nobody acts on a guess."""
        answer = self._waiting.setdefault(basis, asyncio.get_running_loop().create_future())
        if self._asking is None or self._asking.done():
            # A context of its own: the first request's deadline is not that of those who wait with it.
            self._asking = asyncio.create_task(self._ask_in_turn(), name="ask-basis", context=Context())
        if not await asyncio.shield(answer):
            raise BasisEnded()

    async def _ask_in_turn(self) -> None:
        while self._waiting:
            batch = dict(islice(self._waiting.items(), AT_ONCE))
            for basis in batch:
                del self._waiting[basis]
            try:
                holding = await self._ask(list(batch))
            except Exception as error:
                for answer in batch.values():
                    answer.set_exception(error)
                    answer.exception()  # seen, even where everyone who waited has gone
            else:
                for basis, answer in batch.items():
                    answer.set_result(basis in holding)


def asking_peer(http: HttpClient, peer: str) -> Ask:
    """Asks over HTTP, as this service."""

    async def ask(bases: Sequence[Basis]) -> Collection[Basis]:
        query = urlencode([("of", str(basis)) for basis in bases])
        answer = await http.get(peer, f"/standings/held?{query}", as_service=True, timeout=_SECONDS)
        return {Basis.parse(text) for text in answer.json()["holding"]}

    return ask
