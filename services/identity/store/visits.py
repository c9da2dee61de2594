"""Devices, one codes and visits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.tables import devices, one_code_refusals, one_codes, people, visits

_VISIT = (
    visits.c.id, visits.c.person_id, visits.c.device_id, visits.c.department, visits.c.clerk, visits.c.began_at, visits.c.ends_at,
    visits.c.closed_at,
)  # fmt: skip


async def put_device(tx: WriteTx, row: dict[str, Any], *, keeps_secret: bool) -> RowMapping:
    """Its `id` and whether it `is_new`; `keeps_secret`: a known device goes on with the secret it has."""
    statement = insert(devices).values(**row)
    kept = {"id", "code", *(["secret_digest"] if keeps_secret else [])}
    changed = {name: statement.excluded[name] for name in row if name not in kept}
    statement = statement.on_conflict_do_update(index_elements=[devices.c.code], set_=changed)
    return await tx.one(statement.returning(devices.c.id, literal_column("(xmax = 0)").label("is_new")))


async def device(tx: ReadTx, device_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(devices).where(devices.c.id == device_id))


async def replace_code(tx: WriteTx, person_id: UUID, digest: bytes, expires_at: datetime) -> None:
    """A person has one code to show: those not used yet are good no more."""
    await tx.execute(delete(one_codes).where(one_codes.c.person_id == person_id, one_codes.c.used_at.is_(None)))
    await tx.execute(insert(one_codes).values(digest=digest, person_id=person_id, expires_at=expires_at))


async def lock_code(tx: WriteTx, digest: bytes) -> RowMapping | None:
    return await tx.one_or_none(select(one_codes).where(one_codes.c.digest == digest).with_for_update())


async def mark_code_used(tx: WriteTx, digest: bytes, device_id: UUID) -> None:
    await tx.execute(update(one_codes).where(one_codes.c.digest == digest).values(used_at=tx.now, used_by=device_id))


async def insert_refusal(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(one_code_refusals).values(**row))


async def delete_codes(tx: WriteTx, *, expired_before: datetime) -> int:
    return await tx.execute(delete(one_codes).where(one_codes.c.expires_at < expired_before))


async def insert_visit(tx: WriteTx, row: dict[str, Any]) -> None:
    await tx.execute(insert(visits).values(**row))


async def visit(tx: ReadTx, visit_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_VISIT).where(visits.c.id == visit_id))


async def lock_visit(tx: WriteTx, visit_id: UUID) -> RowMapping | None:
    return await tx.one_or_none(select(*_VISIT).where(visits.c.id == visit_id).with_for_update())


async def close_visit(tx: WriteTx, visit_id: UUID) -> None:
    await tx.execute(update(visits).where(visits.c.id == visit_id).values(closed_at=tx.now))


async def visits_of(tx: ReadTx, person_id: UUID, *, limit: int, before: UUID | None) -> Sequence[RowMapping]:
    """With the devices' names, newest first: UUIDv7 ids are in order of making."""
    statement = (
        select(*_VISIT, devices.c.name.label("device_name"), devices.c.kind.label("device_kind"))
        .join(devices, devices.c.id == visits.c.device_id)
        .where(visits.c.person_id == person_id)
        .order_by(visits.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(visits.c.id < before)
    return await tx.all(statement)


async def lock_person(tx: WriteTx, person_id: UUID) -> None:
    """For events of a person that change nothing else about them."""
    await tx.execute(select(people.c.id).where(people.c.id == person_id).with_for_update())
