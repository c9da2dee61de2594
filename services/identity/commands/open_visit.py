"""Open a visit: a registered device scanned a person's one code. What is refused is an answer, not an exception: its record must commit."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.audit import record_read
from chassis.database import WriteTx
from services.identity.events import OneCodeReplayed
from services.identity.rules.clients import secret_digest
from services.identity.rules.one_code import VISIT_LIFETIME, CodeFault, fault_of, secret_of
from services.identity.store import visits

_FIELDS = ("name", "citizen_id_masked")


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """The device is authenticated before; `reader` is its clerk, or the device itself where nobody attends it."""

    code: str = field(repr=False)
    device: RowMapping
    reader: Actor
    clerk: UUID | None


async def open_visit(tx: WriteTx, command: OpenVisit) -> UUID | CodeFault:
    """The visit's id, or why the code is no good. A replay is told to the world, once a showing."""
    secret = secret_of(command.code)
    digest = secret_digest(secret) if secret is not None else b""
    row = await visits.lock_code(tx, digest)
    if row is None:
        return "unknown"
    fault = fault_of(expires_at=row["expires_at"], used_at=row["used_at"], now=tx.now)
    if fault is not None:
        await _enter_refusal(tx, command, row, fault)
        return fault
    await visits.mark_code_used(tx, digest, command.device["id"])
    visit_id = tx.clock.new_id()
    visit = {
        "id": visit_id,
        "person_id": row["person_id"],
        "device_id": command.device["id"],
        "department": command.device["department"],
        "clerk": command.clerk,
        "began_at": tx.now,
        "ends_at": tx.now + VISIT_LIFETIME,
    }
    await visits.insert_visit(tx, visit)
    await record_read(tx, command.reader, subject=str(row["person_id"]), fields=_FIELDS, purpose="一码识别 one code")
    return visit_id


async def _enter_refusal(tx: WriteTx, command: OpenVisit, row: RowMapping, fault: CodeFault) -> None:
    refusal = {
        "id": tx.clock.new_id(),
        "person_id": row["person_id"],
        "device_id": command.device["id"],
        "clerk": command.clerk,
        "reason": fault,
        "refused_at": tx.now,
    }
    await visits.insert_refusal(tx, refusal)
    if fault == "replayed":
        await visits.lock_person(tx, row["person_id"])
        tx.emit(
            OneCodeReplayed(
                person_id=row["person_id"],
                first_device=row["used_by"],
                first_used_at=row["used_at"],
                replayed_at_device=command.device["id"],
                replayed_at=tx.now,
            )
        )
