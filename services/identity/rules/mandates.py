"""Mandates: who may act for whom. What each kind may cover, for how long, and who may end it.

An organisation appoints handlers; a citizen appoints an agent or a village helper for one item; a guardian is appointed by a court or
the base's record alone, and only by record does that end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

MandateKind = Literal["handler", "agent", "helper", "guardian"]
MadeBy = Literal["principal", "window", "record"]
PrincipalKind = Literal["person", "organisation"]
EndReason = Literal["by_principal", "by_agent", "by_record", "expired"]

MOST_ITEMS = 200

_DELEGABLE: Mapping[MandateKind, frozenset[str]] = {
    "handler": frozenset({"intake.apply", "certificates.own", "certificates.use"}),
    "agent": frozenset({"intake.apply", "certificates.use"}),
    "helper": frozenset({"intake.apply", "certificates.use"}),
    "guardian": frozenset({"intake.apply", "certificates.own", "certificates.use"}),
}
"""Whoever helps with one item never sees the principal's wallet."""
_UNASKED: Mapping[MandateKind, frozenset[str]] = {**_DELEGABLE, "agent": frozenset({"intake.apply"}), "helper": frozenset({"intake.apply"})}
_LONGEST: Mapping[MandateKind, timedelta | None] = {
    "handler": timedelta(days=3 * 366),
    "agent": timedelta(days=183),
    "helper": timedelta(days=183),
    "guardian": None,
}
ALWAYS = frozenset({"openid", "identity.self"})
"""Every mandate's tokens may tell whom they are for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What somebody is appointed to. Without scopes named, the kind's usual ones; without an end, only a guardian."""

    kind: MandateKind
    principal_kind: PrincipalKind
    scopes: frozenset[str]
    items: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime | None

    @property
    def covered(self) -> frozenset[str]:
        return self.scopes or _UNASKED[self.kind]


def fault_of(terms: Terms, *, now: datetime) -> tuple[str, str] | None:
    """The pointer and code of what is wrong with the terms; None when they are good."""
    if (terms.kind == "handler") is not (terms.principal_kind == "organisation"):
        return "/kind", "not-for-this-principal"
    if terms.scopes - _DELEGABLE[terms.kind]:
        return "/scopes", "not-delegable"
    if terms.kind in ("agent", "helper") and len(terms.items) != 1:
        return "/items", "exactly-one"
    longest = _LONGEST[terms.kind]
    if terms.ends_at is None:
        return ("/ends_at", "missing") if longest is not None else None
    if terms.ends_at <= max(now, terms.begins_at):
        return "/ends_at", "in-the-past"
    if longest is not None and terms.ends_at - min(now, terms.begins_at) > longest:
        return "/ends_at", "too-long"
    return None


def end_reason(*, kind: MandateKind, principal: UUID, agent: UUID, by: UUID) -> EndReason | None:
    """Why it ends when this one (the organisation for its representative) wishes so; None: it is not theirs to end."""
    if kind == "guardian":
        return None
    if by == principal:
        return "by_principal"
    return "by_agent" if by == agent else None


def assurance_of(kind: MandateKind, *, agent: int, principal: int | None) -> int:
    """How sure an act under a mandate is. An impostor who appoints somebody trusted gains nothing: the lesser of both counts.

    An organisation has no level, and a record vouches for a ward.
    """
    return agent if principal is None or kind == "guardian" else min(agent, principal)
