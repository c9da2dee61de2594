"""Decide differences of a review: accepted ones are in force, and told, in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.edge import check_version
from services.catalog.errors import CodeRetired, CountDiffers, DifferenceAccepted, DifferenceUnknown, EditionUnknown, ReviewSuperseded
from services.catalog.events import BaseEntryChanged
from services.catalog.rules.base_entry import BaseEntry
from services.catalog.rules.drift import Difference
from services.catalog.rules.review import Decision, is_code_free, may_decide
from services.catalog.store import drift as drift_store
from services.catalog.store.drift import Selection


async def decide_difference(difference_id: UUID, decision: Decision, reason: str, tx: WriteTx, *, seen: int, decider: str) -> None:
    """Raises DifferenceUnknown, ReviewSuperseded, DifferenceAccepted, PreconditionFailed, CodeRetired."""
    row = await drift_store.difference(tx, difference_id)
    if row is None:
        raise DifferenceUnknown()
    issued_on = await _newest_or_refuse(tx, row["catalog"], row["edition"])
    row = await drift_store.difference(tx, difference_id)  # again, now that nobody else decides
    assert row is not None
    check_version(seen, row["version"])
    if not may_decide(row["decision"]):
        raise DifferenceAccepted()
    await _settle(tx, [row], decision, reason, issued_on, decider=decider)


async def decide_together(
    catalog: str, number: int, chosen: Selection, decision: Decision, reason: str, tx: WriteTx, *, expected_count: int, decider: str
) -> None:
    """Decide all that the selection means, or none. Raises EditionUnknown, ReviewSuperseded, CountDiffers, DifferenceAccepted, CodeRetired."""
    if await drift_store.edition(tx, catalog, number) is None:
        raise EditionUnknown()
    issued_on = await _newest_or_refuse(tx, catalog, number)
    rows = await drift_store.list_differences(tx, catalog, number, chosen, after=None, limit=None)
    if len(rows) != expected_count:
        raise CountDiffers(count=len(rows), expected_count=expected_count)
    if not all(may_decide(row["decision"]) for row in rows):
        raise DifferenceAccepted()
    if rows:
        await _settle(tx, rows, decision, reason, issued_on, decider=decider)


async def _newest_or_refuse(tx: WriteTx, catalog: str, number: int) -> date:
    """Locks the catalog; the day the edition was issued."""
    newest = await drift_store.lock_catalog(tx, catalog)
    assert newest is not None
    if newest["number"] != number:
        raise ReviewSuperseded(newest=newest["number"])
    issued_on: date = newest["issued_on"]
    return issued_on


async def _settle(tx: WriteTx, rows: Sequence[RowMapping], decision: Decision, reason: str, issued_on: date, *, decider: str) -> None:
    await drift_store.save_decisions(tx, rows, decision, reason, decided_by=decider)
    if decision != "accepted":
        return
    catalog, number = rows[0]["catalog"], rows[0]["edition"]
    accepted = [as_difference(row) for row in rows]
    redirects = await drift_store.redirects(tx, catalog)
    _refuse_retired(accepted, redirects)
    moves = [(one.before.code, one.after.code) for one in accepted if one.before and one.after and one.kind == "recoded"]
    await drift_store.save_entries(tx, catalog, number, [one.after for one in accepted if one.after])
    await drift_store.save_entries(tx, catalog, number, [one.before for one in accepted if one.before and not one.after], is_deleted=True)
    await drift_store.move_codes(tx, catalog, moves)
    old_codes = await drift_store.codes_leading_to(tx, catalog, [one.entry.code for one in accepted])
    told = {"catalog": catalog, "edition": number, "issued_on": issued_on, "changed_at": tx.now}
    for one in accepted:
        for event in _events(one, old_codes, told):
            tx.emit(event)


def as_difference(row: RowMapping) -> Difference:
    """A stored difference as the rules know it."""
    before, after = (BaseEntry.from_json(row[side]) if row[side] else None for side in ("before", "after"))
    return Difference(row["kind"], before, after, row["confidence"])


def _refuse_retired(accepted: Sequence[Difference], redirects: Mapping[str, str]) -> None:
    retired = [
        one.after.code
        for one in accepted
        if one.after and not is_code_free(redirects.get(one.after.code), one.before.code if one.before else None)
    ]
    if retired:
        raise CodeRetired(codes=", ".join(retired))


def _events(one: Difference, old_codes: Mapping[str, list[str]], told: Mapping[str, Any]) -> list[BaseEntryChanged]:
    """One for the entry; for a recoded one also one under the code that leads away now."""
    entry = one.entry
    state = "current" if one.after else "deleted"
    known = {**told, "change": one.kind}
    events = [base_entry_changed(entry, entry.code, known, state=state, moved_to=None, old_codes=old_codes[entry.code])]
    if one.kind == "recoded" and one.before is not None:
        events.append(base_entry_changed(entry, one.before.code, known, state="recoded", moved_to=entry.code, old_codes=[]))
    return events


def base_entry_changed(entry: BaseEntry, code: str, told: Mapping[str, Any], **standing: Any) -> BaseEntryChanged:
    """`told` says which change it was, of which edition; `standing` how the code stands."""
    said = {"name": entry.name, "department": entry.department, "elements": dict(entry.elements)}
    return BaseEntryChanged(code=code, **said, **told, **standing)
