"""Records in the order of their keys, a batch at a time and locked, to be told again as they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select

from chassis.database import WriteTx
from services.identity.store.staffing import DELEGATION, DEPARTMENT, STAFF
from services.identity.tables import delegations, departments, mandates, organisations, people, representations, staff

_PERSON = (people.c.id, people.c.name, people.c.assurance, people.c.citizen_id_index, people.c.registered_at)
_ORGANISATION = (
    organisations.c.id, organisations.c.name, organisations.c.uscc, organisations.c.holder_index, representations.c.person_id,
)  # fmt: skip

_RECORDS: dict[str, tuple[Select[Any], ColumnElement[Any]]] = {
    "person": (select(*_PERSON).with_for_update(), people.c.id),
    "organisation": (
        select(*_ORGANISATION)
        .join(representations, (representations.c.organisation_id == organisations.c.id) & representations.c.ended_at.is_(None))
        .with_for_update(of=organisations),
        organisations.c.id,
    ),
    "department": (select(*DEPARTMENT).with_for_update(), departments.c.uscc),
    "staff": (select(*STAFF).with_for_update(), staff.c.id),
    "delegation": (select(*DELEGATION).with_for_update(), delegations.c.id),
    "mandate": (select(mandates).with_for_update(), mandates.c.id),
}


async def records_after(tx: WriteTx, kind: str, after: Any, count: int) -> Sequence[RowMapping]:
    """`after` is the key of the last one before, None for the first."""
    statement, key = _RECORDS[kind]
    if after is not None:
        statement = statement.where(key > after)
    return await tx.all(statement.order_by(key).limit(count))
