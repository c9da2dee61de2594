"""Requests of kiosks for somebody to sign in at them."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import ReadTx, WriteTx
from services.identity.rules.device_grants import DeviceGrant
from services.identity.tables import departments, device_grants, devices

_GRANT = (
    device_grants.c.id, device_grants.c.device_id, device_grants.c.scopes, device_grants.c.interval_seconds, device_grants.c.polled_at,
    device_grants.c.subject, device_grants.c.confirmed_at, device_grants.c.declined_at, device_grants.c.used_at, device_grants.c.family_id,
    device_grants.c.expires_at,
)  # fmt: skip


async def insert_grant(tx: WriteTx, row: dict[str, Any]) -> bool:
    """False when somebody else's code is the same by chance."""
    statement = insert(device_grants).values(**row).on_conflict_do_nothing(index_elements=[device_grants.c.user_code_digest])
    return await tx.execute(statement) == 1


async def by_device_code(tx: WriteTx, digest: bytes) -> DeviceGrant | None:
    """Locked."""
    return _grant(await tx.one_or_none(select(*_GRANT).where(device_grants.c.device_digest == digest).with_for_update()))


async def by_user_code(tx: ReadTx, digest: str, *, lock: bool = False) -> DeviceGrant | None:
    statement = select(*_GRANT).where(device_grants.c.user_code_digest == digest)
    return _grant(await tx.one_or_none(statement.with_for_update() if lock else statement))


async def kiosk_of(tx: ReadTx, device_id: UUID) -> RowMapping:
    """The kiosk's `name`, whether it `is_active`, and its `department_name`."""
    return await tx.one(
        select(devices.c.name, devices.c.is_active, departments.c.name.label("department_name"))
        .join(departments, departments.c.uscc == devices.c.department)
        .where(devices.c.id == device_id)
    )


async def note_question(tx: WriteTx, grant_id: UUID, *, interval_seconds: int) -> None:
    """The kiosk asked just now, and shall wait so long before it asks again."""
    await _change(tx, grant_id, polled_at=tx.now, interval_seconds=interval_seconds)


async def confirm(tx: WriteTx, grant_id: UUID, subject: UUID) -> None:
    await _change(tx, grant_id, subject=subject, confirmed_at=tx.now)


async def decline(tx: WriteTx, grant_id: UUID) -> None:
    await _change(tx, grant_id, declined_at=tx.now)


async def mark_used(tx: WriteTx, grant_id: UUID, family_id: UUID) -> None:
    await _change(tx, grant_id, used_at=tx.now, family_id=family_id)


async def delete_expired(tx: WriteTx) -> int:
    """Rows deleted."""
    return await tx.execute(delete(device_grants).where(device_grants.c.expires_at < tx.now))


async def _change(tx: WriteTx, grant_id: UUID, **values: Any) -> None:
    await tx.execute(update(device_grants).where(device_grants.c.id == grant_id).values(**values))


def _grant(row: RowMapping | None) -> DeviceGrant | None:
    return DeviceGrant(**{**row, "scopes": frozenset(row["scopes"])}) if row is not None else None
