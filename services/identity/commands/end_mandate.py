"""End a mandate: by its principal or agent, by record, or because its time is over."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import NotFound
from services.identity.errors import EndedByRecordOnly, MandateAlreadyEnded
from services.identity.events import MandateEnded
from services.identity.rules.mandates import EndReason, end_reason
from services.identity.store import mandates

_AT_ONCE = 500


async def end_own(tx: WriteTx, mandate_id: UUID, *, by: UUID, person: UUID, seen: int) -> None:
    """`by` is the principal or agent in whose name it is asked, `person` who asks.

    Raises NotFound, EndedByRecordOnly, MandateAlreadyEnded, PreconditionFailed.
    """

    def reason(row: RowMapping) -> EndReason:
        if by not in (row["principal"], row["agent"]):
            raise NotFound()
        found = end_reason(kind=row["kind"], principal=row["principal"], agent=row["agent"], by=by)
        if found is None:
            raise EndedByRecordOnly()
        return found

    await _end(tx, mandate_id, reason, person=person, seen=seen)


async def end_by_record(tx: WriteTx, mandate_id: UUID, *, maker: UUID, seen: int) -> None:
    """The administration's, by court or base record. Raises NotFound, MandateAlreadyEnded, PreconditionFailed."""
    await _end(tx, mandate_id, lambda _: "by_record", person=maker, seen=seen)


async def end_expired(tx: WriteTx) -> int:
    """Enter the end of mandates whose time is over, at the time they ended; how many. Nobody could act by them since."""
    rows = await mandates.lock_expired(tx, _AT_ONCE)
    for row in rows:
        await _enter(tx, row, {"ended_at": row["ends_at"], "ended_by": None, "end_reason": "expired"})
    return len(rows)


async def _end(tx: WriteTx, mandate_id: UUID, reason_of: Callable[[RowMapping], EndReason], *, person: UUID, seen: int) -> None:
    row = await mandates.lock_mandate(tx, mandate_id)
    if row is None:
        raise NotFound()
    reason = reason_of(row)
    if row["ended_at"] is not None:
        raise MandateAlreadyEnded()
    check_version(seen, row["version"])
    await _enter(tx, row, {"ended_at": tx.now, "ended_by": person, "end_reason": reason})


async def _enter(tx: WriteTx, row: RowMapping, ending: dict[str, object]) -> None:
    await mandates.end_mandate(tx, row["id"], ending)
    tx.emit(MandateEnded.of({**row, **ending, "version": row["version"] + 1}))
