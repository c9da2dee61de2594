"""What administration leaves behind: who changed what, one-time secrets, requests of department systems."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.store.staffing import Reach
from services.identity.tables import administrative_changes, client_requests, one_time_secrets

REQUEST = tuple(client_requests.c)
_FIRST_ADMINISTRATOR_LOCK = 0x6669727374


async def insert_change(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(administrative_changes).values(**row))


async def changes_before(
    tx: ReadTx, position: int | None, count: int, *, reach: Reach, record_kind: str | None, record: str | None
) -> Sequence[RowMapping]:
    """Newest first."""
    wanted: list[ColumnElement[bool]] = []
    if position is not None:
        wanted.append(administrative_changes.c.id < position)
    if reach is not None:
        wanted.append(administrative_changes.c.department.in_(sorted(reach)))
    if record_kind is not None:
        wanted.append(administrative_changes.c.record_kind == record_kind)
    if record is not None:
        wanted.append(administrative_changes.c.record == record)
    statement = select(*administrative_changes.c).where(*wanted).order_by(administrative_changes.c.id.desc()).limit(count)
    return await tx.all(statement)


async def lock_first_administrator(tx: WriteTx) -> None:
    """Held until the transaction ends: of two who bring a secret at once, one becomes the first administrator."""
    await tx.execute(select(func.pg_advisory_xact_lock(_FIRST_ADMINISTRATOR_LOCK)))


async def replace_secret(tx: WriteTx, row: dict[str, Any]) -> None:
    """Keep a new secret; unused ones for the same thing stop working."""
    same = one_time_secrets.c.staff_id.is_not_distinct_from(row["staff_id"])
    await tx.execute(
        delete(one_time_secrets).where(one_time_secrets.c.purpose == row["purpose"], same, one_time_secrets.c.used_at.is_(None))
    )
    await tx.execute(insert(one_time_secrets).values(**row))


async def use_secret(tx: WriteTx, digest: bytes, *, purpose: str, staff_id: UUID | None) -> bool:
    """Whether the secret was good; from now on it is not."""
    statement = update(one_time_secrets).where(
        one_time_secrets.c.digest == digest,
        one_time_secrets.c.purpose == purpose,
        one_time_secrets.c.staff_id.is_not_distinct_from(staff_id),
        one_time_secrets.c.used_at.is_(None),
        one_time_secrets.c.expires_at > tx.now,
    )
    return await tx.execute(statement.values(used_at=tx.now)) == 1


async def insert_request(tx: WriteTx, row: dict[str, Any]) -> RowMapping | None:
    """None when a request for this client is open already."""
    statement = insert(client_requests).values(**row).on_conflict_do_nothing(
        index_elements=[client_requests.c.client_id], index_where=client_requests.c.state == "requested"
    )  # fmt: skip
    return await tx.one_or_none(statement.returning(*REQUEST))


async def request(tx: ReadTx, request_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*REQUEST).where(client_requests.c.id == request_id))


async def lock_request(tx: WriteTx, request_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*REQUEST).where(client_requests.c.id == request_id).with_for_update())


async def decide_request(tx: WriteTx, request_id: UUID, *, state: str, by: UUID, reason: str) -> RowMapping:
    statement = update(client_requests).where(client_requests.c.id == request_id).values(
        state=state, decided_by=by, decided_at=tx.now, decision_reason=reason, version=client_requests.c.version + 1
    )  # fmt: skip
    return await tx.one(statement.returning(*REQUEST))


async def requests_after(tx: ReadTx, position: UUID | None, count: int, *, reach: Reach, state: str | None) -> Sequence[RowMapping]:
    """Oldest first."""
    wanted: list[ColumnElement[bool]] = []
    if position is not None:
        wanted.append(client_requests.c.id > position)
    if reach is not None:
        wanted.append(client_requests.c.department.in_(sorted(reach)))
    if state is not None:
        wanted.append(client_requests.c.state == state)
    return await tx.all(select(*REQUEST).where(*wanted).order_by(client_requests.c.id).limit(count))
