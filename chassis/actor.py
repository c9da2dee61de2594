"""Who is asking: the verified content of an access token, as every service sees it."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from standards.regions import is_within

Kind = Literal["person", "organisation", "staff", "system", "service"]
KINDS: tuple[Kind, ...] = ("person", "organisation", "staff", "system", "service")


@dataclass(frozen=True, slots=True)
class Delegate:
    """The one who really acts when the token is for somebody else (RFC 8693 `act`)."""

    subject: UUID
    name: str
    holder_index: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing a member of staff may do now: a post of a department, in a region and all below it, up to a grade, for some items.

    `departments` and `items` are codes, None for every; both must hold. `delegation` names the record it was handed on by.
    """

    department: str
    post: str
    region: str
    grade: int
    departments: frozenset[str] | None = None
    items: frozenset[str] | None = None
    delegation: UUID | None = None

    def reaches(self, *, region: str, department: str, item: str) -> bool:
        """Whether a matter of this region, about this item of this department, is in it."""
        return (
            is_within(region, self.region)
            and (self.departments is None or department in self.departments)
            and (self.items is None or item in self.items)
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """What a token was issued upon: a record at the issuer, as it was then. The token is good while it is still so."""

    kind: str
    id: UUID
    version: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}:{self.version}"

    @classmethod
    def parse(cls, text: str) -> "Basis":
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
    Of staff these are the office of their own; `grants` is all they may do at this moment, delegated authority too. `stamp` names the
    state of their authority that the token was issued in. `key_thumbprint` names the key without whose proofs the token is worth
    nothing, None for a bearer token; it is empty where the token is bound to what the entrance alone sees of a request, which vouches for
    it then as a service that passes it on. `limited_to` holds codes of the only matters the request may be
    about; empty: any. `basis` is what the token was issued upon: it held when the Actor was made.
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
    grants: tuple[Grant, ...] = ()
    stamp: str | None = None
    via: Delegate | None = None
    limited_to: frozenset[str] = frozenset()
    basis: Basis | None = None
    token_id: str = ""
    expires_at: int = 0
    key_thumbprint: str | None = None
    raw_token: str = field(default="", repr=False, compare=False)

    @property
    def person(self) -> UUID:
        """The natural person or system behind the request: the delegate where there is one."""
        return self.via.subject if self.via else self.subject

    @property
    def held_posts(self) -> frozenset[str]:
        """Every post held now, delegated ones too."""
        return self.posts | {grant.post for grant in self.grants}

    @property
    def key(self) -> str:
        """A stable name of principal, delegate and client together, for idempotency keys and limits."""
        return f"{self.kind}:{self.subject}:{self.via.subject if self.via else ''}:{self.client_id}"
