"""By what right a person acts for somebody: as legal representative, or by a mandate that holds now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Basis
from chassis.database import ReadTx
from services.identity.queries.principals import find_principal, find_represented
from services.identity.rules.authorization import Fault
from services.identity.rules.claims import Principal
from services.identity.rules.mandates import ALWAYS, assurance_of
from services.identity.store import mandates, subjects


@dataclass(frozen=True, slots=True)
class Acting:
    """`scopes` is the most that is covered, None for no limit; `items` the only ones, empty for any."""

    principal: Principal
    person: Principal
    basis: Basis
    scopes: frozenset[str] | None = None
    items: tuple[str, ...] = ()
    ends_at: datetime | None = None

    def ceiling(self, scopes: frozenset[str]) -> frozenset[str]:
        return scopes if self.scopes is None else scopes & (self.scopes | ALWAYS)

    def seconds_left(self, now: datetime, lifetime: timedelta) -> int:
        """How long a token issued now is good."""
        end = now + lifetime
        return int((min(end, self.ends_at) if self.ends_at else end).timestamp()) - int(now.timestamp())

    def limit(self, claims: dict[str, Any]) -> dict[str, Any]:
        """The token's claims with what it stands on; it never outlives that."""
        limited = {**claims, "stn": str(self.basis)}
        if self.items:
            limited["items"] = list(self.items)
        if self.ends_at is not None:
            limited["exp"] = min(claims["exp"], int(self.ends_at.timestamp()))
        return limited


async def find_acting(tx: ReadTx, target: UUID, person_id: UUID) -> Acting | Fault:
    """`target` is the principal's id, or a mandate's where there are several for one principal."""
    represented = await find_represented(tx, target, person_id)
    if represented is not None:
        organisation, person = represented
        representation_id = await mandates.representation(tx, target, person_id)
        assert representation_id is not None
        return Acting(organisation, person, Basis("representation", representation_id, 1))
    rows = await mandates.holding_mandates(tx, target, person_id)
    if len(rows) > 1:
        return Fault("invalid_target", "there are several mandates for this principal; name one by its id")
    agent = await find_principal(tx, person_id, "person")
    principal = await _principal(tx, rows[0]) if rows else None
    if agent is None or principal is None:
        return Fault("invalid_target", "the person neither represents an organisation of this id nor has a mandate that holds")
    return _by_mandate(rows[0], principal, agent)


async def _principal(tx: ReadTx, row: RowMapping) -> Principal | None:
    if row["principal_kind"] == "person":
        return await find_principal(tx, row["principal"], "person")
    found = await subjects.organisation(tx, row["principal"])
    return Principal(found["id"], "organisation", found["name"], holder_index=found["holder_index"]) if found is not None else None


def _by_mandate(row: RowMapping, principal: Principal, agent: Principal) -> Acting:
    of_principal = principal.assurance if principal.kind == "person" else None
    return Acting(
        principal=Principal(
            principal.subject,
            principal.kind,
            principal.name,
            assurance=assurance_of(row["kind"], agent=agent.assurance, principal=of_principal),
            holder_index=principal.holder_index,
        ),
        person=agent,
        basis=Basis("mandate", row["id"], row["version"]),
        scopes=frozenset(row["scopes"]),
        items=tuple(row["items"]),
        ends_at=row["ends_at"],
    )
