"""Tell the state of records again, for a reader that joined after the bus had let go of what told it first.

Nothing changes and no version rises: a reader that keeps a copy by key finds what it has, or what it lacks.
"""

from collections.abc import Callable, Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.events import Event
from services.identity.commands.put_staff import staff_state
from services.identity.commands.revoke_delegation import delegation_state
from services.identity.events import (
    DelegationGranted,
    DelegationRevoked,
    DepartmentChanged,
    MandateAppointed,
    MandateEnded,
    OrganisationRegistered,
    PersonRegistered,
    StaffChanged,
    StaffLeft,
)
from services.identity.rules.people import mask_name
from services.identity.store import restating

Kind = Literal["person", "organisation", "department", "staff", "delegation", "mandate"]
AT_ONCE = 200


async def restate(tx: WriteTx, kind: Kind, *, after: str | None) -> tuple[int, str | None]:
    """How many were told, and the key to go on after; None where there are no more. `after` is a key that was answered before.

    Raises ValueError for what is no key of this kind.
    """
    position = after if after is None or kind == "department" else UUID(after)
    rows = await restating.records_after(tx, kind, position, AT_ONCE)
    for row in rows:
        tx.emit(_TOLD[kind](row))
    last = str(rows[-1]["uscc" if kind == "department" else "id"]) if len(rows) == AT_ONCE else None
    return len(rows), last


def _person(row: RowMapping) -> Event:
    return PersonRegistered(
        person_id=row["id"], name_masked=mask_name(row["name"]), assurance=row["assurance"], holder_index=row["citizen_id_index"],
        registered_at=row["registered_at"], is_restated=True,
    )  # fmt: skip


def _organisation(row: RowMapping) -> Event:
    return OrganisationRegistered(
        organisation_id=row["id"], name=row["name"], uscc=row["uscc"], legal_representative=row["person_id"], holder_index=row["holder_index"],
        is_restated=True,
    )  # fmt: skip


def _department(row: RowMapping) -> Event:
    return DepartmentChanged(**row, is_restated=True)


def _staff(row: RowMapping) -> Event:
    if row["left_at"] is not None:
        return StaffLeft(**staff_state(row), left_at=row["left_at"], is_restated=True)
    return StaffChanged(**staff_state(row), is_restated=True)


def _delegation(row: RowMapping) -> Event:
    if row["revoked_at"] is None:
        return DelegationGranted(**delegation_state(row), is_restated=True)
    ending = {name: row[name] for name in ("revoked_at", "revoked_by", "revocation_reason")}
    return DelegationRevoked(**delegation_state(row), **ending, is_restated=True)


def _mandate(row: RowMapping) -> Event:
    told = {**row, "is_restated": True}
    return MandateAppointed.of(told) if row["ended_at"] is None else MandateEnded.of(told)


_TOLD: Mapping[Kind, Callable[[RowMapping], Event]] = {
    "person": _person,
    "organisation": _organisation,
    "department": _department,
    "staff": _staff,
    "delegation": _delegation,
    "mandate": _mandate,
}
