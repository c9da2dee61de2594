"""Register a window's or kiosk's device, or change it."""

from dataclasses import dataclass
import secrets
from typing import Literal
from uuid import UUID

from chassis.database import WriteTx
from services.identity.errors import DepartmentUnknown
from services.identity.rules.clients import secret_digest
from services.identity.store import subjects, visits


@dataclass(frozen=True, slots=True)
class PutDevice:
    code: str
    name: str
    kind: Literal["window", "kiosk"]
    department: str
    region: str
    is_active: bool
    renews_secret: bool


async def put_device(tx: WriteTx, command: PutDevice) -> tuple[UUID, bool, str | None]:
    """The device's id, whether it is new, and the secret if one was made: it is told this once. Raises DepartmentUnknown."""
    if await subjects.department(tx, command.department) is None:
        raise DepartmentUnknown()
    secret = secrets.token_urlsafe(32)
    row = {
        "id": tx.clock.new_id(),
        "code": command.code,
        "name": command.name,
        "kind": command.kind,
        "department": command.department,
        "region": command.region,
        "is_active": command.is_active,
        "secret_digest": secret_digest(secret),
    }
    device = await visits.put_device(tx, row, keeps_secret=not command.renews_secret)
    return device["id"], device["is_new"], secret if device["is_new"] or command.renews_secret else None
