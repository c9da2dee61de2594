"""Who is asking: the verified content of an access token, as every service sees it."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Kind = Literal["person", "organisation", "staff", "system", "service"]
KINDS: tuple[Kind, ...] = ("person", "organisation", "staff", "system", "service")


@dataclass(frozen=True, slots=True)
class Delegate:
    """The one who really acts when the token is for somebody else (RFC 8693 `act`)."""

    subject: UUID
    name: str
    holder_index: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name the request is made.

    `holder_index` is the blind index of the principal's identifying number; `department` the code of the department that staff and
    systems belong to; `region` a region code whose subtree they serve; `posts` what they do there; `assurance` 0 (not a person) to 4;
    `key_thumbprint` names the key without whose proofs the token is worth nothing, None for a bearer token.
    """

    subject: UUID
    kind: Kind
    name: str
    client_id: str
    scopes: frozenset[str]
    assurance: int = 0
    holder_index: str | None = None
    department: str | None = None
    region: str | None = None
    posts: frozenset[str] = frozenset()
    grade: int = 0
    via: Delegate | None = None
    token_id: str = ""
    expires_at: int = 0
    key_thumbprint: str | None = None
    raw_token: str = field(default="", repr=False, compare=False)

    @property
    def person(self) -> UUID:
        """The natural person or system behind the request: the delegate where there is one."""
        return self.via.subject if self.via else self.subject

    @property
    def key(self) -> str:
        """A stable name of principal, delegate and client together, for idempotency keys and limits."""
        return f"{self.kind}:{self.subject}:{self.via.subject if self.via else ''}:{self.client_id}"
