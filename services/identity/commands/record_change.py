"""Enter who changed what, with the record before and after, in the transaction of the change. Never give it a secret."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from chassis import context
from chassis.actor import Actor
from chassis.database import WriteTx
from services.identity.store import administration

Record = Mapping[str, Any] | RowMapping


async def record_change(
    tx: WriteTx, actor: Actor, action: str, *, kind: str, record: str, department: str | None,
    before: Record | None = None, after: Record | None = None,
) -> None:  # fmt: skip
    """`action` is a past participle: `entered`, `changed`, `left`, `granted`, `revoked`, …; `department` whose administrators may see it."""
    request = context.current()
    row = {
        "changed_at": tx.now,
        "changed_by": actor.person,
        "changed_by_kind": actor.kind,
        "changed_by_name": actor.via.name if actor.via else actor.name,
        "client_id": actor.client_id,
        "request_id": request.request_id if request else None,
        "action": action,
        "record_kind": kind,
        "record": record,
        "department": department,
        "before": _plain(before),
        "after": _plain(after),
    }
    await administration.insert_change(tx, row)


def _plain(state: Record | None) -> dict[str, Any] | None:
    """Column names as text: a row's are a kind of their own, which JSON does not take."""
    return None if state is None else {str(name): value for name, value in state.items()}
