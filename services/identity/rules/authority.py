"""What officials may do: what is their own, and what others have delegated to them ("one pen", leave cover).

Authority is a set of grants. A grant is a box: one post of one department, in a region and everything below it, up to a grade, for
some items. A delegation hands on a box for a time. It is never worth more than the delegator's own authority at the moment of use, and
what somebody got by delegation cannot be handed on, so authority flows one step and shrinks with its source.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
import hashlib
from uuid import UUID

from standards.regions import is_within

ADMINISTRATOR = "administrator"
"""The post that keeps departments and staff; it cannot be delegated."""
LONGEST_DELEGATION_DAYS = 366


@dataclass(frozen=True, slots=True)
class ItemSet:
    """Items of some departments (USCC) and of some codes; None: of every. Both must hold."""

    departments: frozenset[str] | None = None
    codes: frozenset[str] | None = None

    def has(self, department: str, code: str) -> bool:
        """Whether the item of this code and department is one of them."""
        return (self.departments is None or department in self.departments) and (self.codes is None or code in self.codes)

    def covers(self, other: "ItemSet") -> bool:
        """Whether every item of the other set is surely in this one."""
        return _covers(self.departments, other.departments) and _covers(self.codes, other.codes)

    def both(self, other: "ItemSet") -> "ItemSet":
        return ItemSet(_both(self.departments, other.departments), _both(self.codes, other.codes))

    @property
    def is_empty(self) -> bool:
        return self.departments == frozenset() or self.codes == frozenset()


EVERY_ITEM = ItemSet()


def _covers(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or (other is not None and other <= one)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


@dataclass(frozen=True, slots=True)
class Grant:
    """`delegation` names the record it comes from; None: the holder's own."""

    department: str
    post: str
    region: str
    grade: int
    items: ItemSet = EVERY_ITEM
    delegation: UUID | None = None

    def covers(self, other: "Grant") -> bool:
        return (
            (self.department, self.post) == (other.department, other.post)
            and is_within(other.region, self.region)
            and self.grade >= other.grade
            and self.items.covers(other.items)
        )

    def both(self, other: "Grant") -> "Grant | None":
        """What both allow, None when nothing: the deeper region, the lower grade, the items of both."""
        if (self.department, self.post) != (other.department, other.post):
            return None
        inner = self.region if is_within(self.region, other.region) else other.region if is_within(other.region, self.region) else None
        items = self.items.both(other.items)
        if inner is None or items.is_empty:
            return None
        return replace(self, region=inner, grade=min(self.grade, other.grade), items=items)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a staff member's own office is: posts of a department, for one region, grade and set of items. Nothing once they have left."""

    department: str
    posts: frozenset[str]
    region: str
    grade: int
    items: ItemSet = EVERY_ITEM
    has_left: bool = False

    def grants(self) -> frozenset[Grant]:
        posts = () if self.has_left else self.posts
        return frozenset(Grant(self.department, post, self.region, self.grade, self.items) for post in posts)


@dataclass(frozen=True, slots=True)
class Delegation:
    """A box handed on from one calendar day to another, both included. `delegator` is the delegator's office as it is now."""

    id: UUID
    delegator: Appointment
    posts: frozenset[str]
    region: str
    grade: int
    valid_from: date
    valid_until: date
    items: ItemSet = EVERY_ITEM
    department: str = ""
    """The department in whose name it was given: a delegator who moves to another takes it away with them."""
    is_revoked: bool = False

    def is_in_force(self, today: date) -> bool:
        return not self.is_revoked and self.valid_from <= today <= self.valid_until

    def grants(self) -> frozenset[Grant]:
        """What is left of the box within the delegator's own authority."""
        own = self.delegator.grants()
        boxes = (Grant(self.department, post, self.region, self.grade, self.items, self.id) for post in self.posts)
        return frozenset(met for box in boxes for grant in own if (met := box.both(grant)) is not None)


@dataclass(frozen=True, slots=True)
class Authority:
    """What somebody may do now. `stamp` names this state: tokens carry it, and one with another stamp is out of date."""

    own: Appointment
    grants: frozenset[Grant]
    stamp: str

    @property
    def posts(self) -> frozenset[str]:
        """Every post held, delegated ones too."""
        return frozenset(grant.post for grant in self.grants)


def authority_of(own: Appointment, received: Iterable[Delegation], *, version: int, today: date) -> Authority:
    """Own authority and that of every delegation in force. One who has left has none, whatever was delegated.

    `version` counts the changes of the member's record; with the grants it makes the stamp, so a delegation that begins or ends by its
    date, or shrinks with its delegator, changes the stamp as well.
    """
    delegated = () if own.has_left else tuple(grant for d in received if d.is_in_force(today) for grant in d.grants())
    grants = own.grants() | frozenset(delegated)
    return Authority(own, grants, stamp(version, grants))


def stamp(version: int, grants: Collection[Grant]) -> str:
    digest = hashlib.sha256("\n".join(sorted(_line(grant) for grant in grants)).encode()).hexdigest()
    return f"{version}.{digest[:16]}"


def _line(grant: Grant) -> str:
    departments, codes = ("*" if chosen is None else " ".join(sorted(chosen)) for chosen in (grant.items.departments, grant.items.codes))
    return "\t".join((grant.department, grant.post, grant.region, str(grant.grade), departments, codes, str(grant.delegation)))


@dataclass(frozen=True, slots=True)
class Overreach:
    """Why a delegation may not be given: `field` is what to change, `reason` a word for it."""

    field: str
    reason: str = "beyond-own-authority"


def overreach_of(delegation: Delegation, *, today: date) -> list[Overreach]:
    """Everything in which the delegation goes beyond what its delegator may hand on, empty when nothing."""
    own = delegation.delegator
    found: list[Overreach] = []
    if ADMINISTRATOR in delegation.posts:
        found.append(Overreach("posts", "not-delegable"))
    if not delegation.posts <= own.posts or own.has_left:
        found.append(Overreach("posts"))
    if not is_within(delegation.region, own.region):
        found.append(Overreach("region"))
    if delegation.grade > own.grade:
        found.append(Overreach("grade"))
    if not own.items.covers(delegation.items):
        found.append(Overreach("items"))
    if delegation.valid_from < today:
        found.append(Overreach("valid_from", "past"))
    if delegation.valid_until < delegation.valid_from:
        found.append(Overreach("valid_until", "before-start"))
    elif (delegation.valid_until - delegation.valid_from).days >= LONGEST_DELEGATION_DAYS:
        found.append(Overreach("valid_until", "too-long"))
    return found
