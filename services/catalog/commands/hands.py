"""Whose hand does something, and how far it reaches: one's own department's items, in one's region, among those one's post is for.

The operator, who keeps the whole catalog, reaches everything. Staff act by their grants, delegated ones too; a system for the
department it belongs to. The authority above an item is staff whose grant names the item's department and reaches a wider region.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.actor import Actor, Grant
from services.catalog.life_errors import NotYours
from standards.regions import is_within

EDITOR, REVIEWER = "item-editor", "item-reviewer"
WRITERS = frozenset({EDITOR, REVIEWER})
REVIEWERS = frozenset({REVIEWER})


@dataclass(frozen=True, slots=True)
class Matter:
    """What something is about: an item's code, its department and region."""

    local_code: str
    authority: str
    region: str


def hand_of(actor: Actor) -> str:
    """The natural person or system behind the request, so that who writes and who reviews can be told apart."""
    return f"{actor.kind}:{actor.person}"


def name_of(actor: Actor) -> str:
    return actor.via.name if actor.via else actor.name


def reaches(actor: Actor, matter: Matter, posts: Iterable[str]) -> bool:
    """Whether one of these posts (of staff), or the system's department, is for the matter."""
    if actor.kind == "service":
        return True
    if actor.kind == "system":
        return actor.department == matter.authority and actor.region is not None and is_within(matter.region, actor.region)
    wanted = frozenset(posts)
    return any(grant.post in wanted and _is_for(grant, matter) for grant in actor.grants if grant.department == matter.authority)


def is_above(actor: Actor, matter: Matter) -> bool:
    """Whether the actor is of the authority above the matter's, or keeps the whole catalog."""
    if actor.kind == "service":
        return True
    return any(
        grant.post == REVIEWER and grant.departments is not None and _is_for(grant, matter) and not is_within(grant.region, matter.region)
        for grant in actor.grants
        if grant.department != matter.authority
    )


def demand_reach(actor: Actor, matter: Matter, posts: Iterable[str]) -> None:
    """Raises NotYours."""
    if not reaches(actor, matter, posts):
        raise NotYours(authority=matter.authority, region=matter.region)


def _is_for(grant: Grant, matter: Matter) -> bool:
    return grant.reaches(region=matter.region, department=matter.authority, item=matter.local_code)
