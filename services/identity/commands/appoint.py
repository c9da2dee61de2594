"""Appoint somebody to act for a person or an organisation."""

from dataclasses import dataclass
from uuid import UUID

from chassis.database import WriteTx
from services.identity.errors import MandateAlreadyRecorded, NotToOneself, TermsInvalid
from services.identity.events import MandateAppointed
from services.identity.rules.mandates import MadeBy, Terms, fault_of
from services.identity.store import mandates


@dataclass(frozen=True, slots=True)
class Appoint:
    """`maker` is who really did it: the principal's person, the clerk, the administration's client."""

    principal: UUID
    agent: UUID
    terms: Terms
    made_by: MadeBy
    maker: UUID
    record_number: str | None = None
    visit_id: UUID | None = None


async def appoint(tx: WriteTx, command: Appoint) -> UUID:
    """The mandate's id. Who may is decided before. Raises TermsInvalid, NotToOneself, MandateAlreadyRecorded."""
    terms = command.terms
    fault = fault_of(terms, now=tx.now)
    if fault is not None:
        raise TermsInvalid(*fault)
    if command.agent == command.principal:
        raise NotToOneself()
    mandate_id = tx.clock.new_id()
    row = {
        "id": mandate_id,
        "version": 1,
        "kind": terms.kind,
        "principal": command.principal,
        "principal_kind": terms.principal_kind,
        "agent": command.agent,
        "scopes": sorted(terms.covered),
        "items": sorted(set(terms.items)),
        "begins_at": terms.begins_at,
        "ends_at": terms.ends_at,
        "made_by": command.made_by,
        "maker": command.maker,
        "record_number": command.record_number,
        "visit_id": command.visit_id,
        "appointed_at": tx.now,
    }
    if not await mandates.insert_mandate(tx, row):
        raise MandateAlreadyRecorded()
    tx.emit(MandateAppointed.of(row))
    return mandate_id
