"""Which departments an administrator keeps: the operator all, a staff administrator their own department and all below it."""

from dataclasses import dataclass

from chassis.actor import Actor
from chassis.database import ReadTx
from services.identity.rules.authority import ADMINISTRATOR
from services.identity.store import staffing
from standards.regions import is_within


@dataclass(frozen=True, slots=True)
class Administrator:
    """`departments` None: all of them. `region`: whose subtree they appoint people to."""

    actor: Actor
    departments: frozenset[str] | None
    region: str

    def keeps(self, department: str | None) -> bool:
        return self.departments is None or department in self.departments

    def reaches(self, region: str) -> bool:
        return is_within(region, self.region)

    @property
    def is_operator(self) -> bool:
        return self.departments is None


async def administrator(tx: ReadTx, actor: Actor) -> Administrator:
    """What the actor may administer; an actor without the post keeps no department."""
    if actor.kind == "service":
        return Administrator(actor, None, "0")
    kept: frozenset[str] = frozenset()
    if ADMINISTRATOR in actor.posts and actor.department is not None:
        kept = await staffing.departments_below(tx, actor.department)
    return Administrator(actor, kept, actor.region or "")
