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
class Standing:
    """What a token was issued upon: a record at the issuer, as it was then. The token is good while it is still so."""

    kind: str
    id: UUID
    version: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}:{self.version}"

    @classmethod
    def parse(cls, text: str) -> "Standing":
        """Raises ValueError."""
        kind, _, rest = text.partition(":")
        record, _, version = rest.partition(":")
        if not kind or not version.isascii() or not version.isdigit() or len(version) > 9:
            raise ValueError("not kind:id:version")
        return cls(kind, UUID(record), int(version))


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name the request is made.

    `holder_index` is the blind index of the principal's identifying number; `department` the code of the department that staff and
    systems belong to; `region` a region code whose subtree they serve; `posts` what they do there; `assurance` 0 (not a person) to 4.
    `limited_to` holds codes of the only matters the request may be about; empty: any. `standing` is checked before there is an Actor.
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
    limited_to: frozenset[str] = frozenset()
    standing: Standing | None = None
    token_id: str = ""
    expires_at: int = 0
    raw_token: str = field(default="", repr=False, compare=False)

    @property
    def person(self) -> UUID:
        """The natural person or system behind the request: the delegate where there is one."""
        return self.via.subject if self.via else self.subject

    @property
    def key(self) -> str:
        """A stable name of principal, delegate and client together, for idempotency keys and limits."""
        return f"{self.kind}:{self.subject}:{self.via.subject if self.via else ''}:{self.client_id}"
