"""Basis: whether what a token was issued upon still holds (a grant that was not ended, a post that was not changed).

A token with a `stn` claim is good only while the issuer says so, asked at every request: what ended stops the very next one. Cost: one
small read at the issuer for each request with such a token, none for the others. Nothing is cached
(chassis/asking.py).
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from chassis.actor import Basis
from chassis.asking import SECONDS, Ask, SharedQuestions
from chassis.http import HttpClient
from chassis.problems import Text, Unauthenticated


class BasisEnded(Unauthenticated):
    slug = "basis-ended"
    title = Text("授权已结束", "The authority behind the token has ended")
    detail = Text(
        "令牌所依据的授权已结束或已变更，请重新登录或重新取得授权。",
        "What this token was issued upon has ended or changed; sign in again, or be authorised again.",
    )

    def __init__(self) -> None:
        super().__init__(error="invalid_token")


class BasisCheck(SharedQuestions[Basis, bool]):
    """A basis that does not hold is missing in the answer."""

    async def demand(self, basis: Basis) -> None:
        """Raises BasisEnded; Unavailable when the issuer cannot be asked, because nobody acts on a guess."""
        if not await self.answer_for(basis):
            raise BasisEnded()


def asking_peer(http: HttpClient, peer: str) -> Ask[Basis, bool]:
    """Asks over HTTP, as this service."""

    async def ask(bases: Collection[Basis]) -> Mapping[Basis, bool]:
        query = urlencode([("of", str(basis)) for basis in bases])
        answer = await http.get(peer, f"/standings/held?{query}", as_service=True, timeout=SECONDS)
        return {Basis.parse(text): True for text in answer.json()["holding"]}

    return ask
