"""Delegate an item's exercise to a lower authority, in its region, from one day until another; end that before its time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from chassis.actor import Actor
from chassis.clock import LOCAL_ZONE, local_day
from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.commands.hands import REVIEWERS, hand_of
from services.catalog.commands.item_matter import take_item
from services.catalog.commands.settle_item import settle_item
from services.catalog.commands.tell_item import newest_state
from services.catalog.errors import RegionUnknown
from services.catalog.events import ItemDelegated
from services.catalog.life_errors import DelegationEnded, DelegationInvalid, DelegationUnknown, said
from services.catalog.rules.delegation import Delegated, delegation_faults
from services.catalog.store import lives


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """Both days are included; `document` is the number of the document it rests on."""

    authority_code: str
    authority_name: str
    region_code: str
    document: str
    valid_from: date
    valid_until: date


async def delegate_item(local_code: str, asked: NewDelegation, tx: WriteTx, *, actor: Actor) -> UUID:
    """Raises ItemUnknown, NotYours, ItemEnded, DelegationInvalid, RegionUnknown."""
    matter = await take_item(tx, local_code, actor, REVIEWERS)
    if not await store.region_exists(tx, asked.region_code):
        raise RegionUnknown(code=asked.region_code)
    span = max(_midnight(asked.valid_from), tx.now), max(_midnight(asked.valid_until + timedelta(days=1)), tx.now)
    wanted = Delegated(asked.authority_code, asked.region_code, *span)
    known = await lives.delegations_of(tx, local_code)
    others = [Delegated(row["authority_code"], row["region_code"], row["begins_at"], row["ends_at"]) for row in known]
    days = asked.valid_from, asked.valid_until
    faults = list(delegation_faults(wanted, days, authority=matter.authority, region=matter.region, today=local_day(tx.now), others=others))
    if faults:
        raise DelegationInvalid(errors=[FieldError(one.pointer, one.rule, Text(one.zh, one.en)) for one in faults])
    delegation_id = tx.clock.new_id()
    await lives.add_delegation(
        tx,
        id=delegation_id,
        local_code=local_code,
        authority_code=asked.authority_code,
        authority_name=asked.authority_name,
        region_code=asked.region_code,
        document=asked.document,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        recorded_by=hand_of(actor),
    )
    await _tell(tx, local_code)
    return delegation_id


async def end_delegation(delegation_id: UUID, reason: str, tx: WriteTx, *, actor: Actor) -> None:
    """At once; one that has not begun never does. Raises DelegationUnknown, NotYours, ItemEnded, DelegationEnded."""
    known = await lives.delegation(tx, delegation_id)
    if known is None:
        raise DelegationUnknown()
    await take_item(tx, known["local_code"], actor, REVIEWERS)
    row = await lives.delegation(tx, delegation_id)  # again, now that nobody else acts on it
    assert row is not None
    if row["ended_by"] is not None or row["ends_at"] <= tx.now:
        raise DelegationEnded(ends_at=said(row["ends_at"]))
    await lives.end_delegation(tx, delegation_id, ends_at=max(tx.now, row["begins_at"]), ended_by=hand_of(actor), reason=reason)
    await _tell(tx, row["local_code"])


async def _tell(tx: WriteTx, local_code: str) -> None:
    tx.emit(ItemDelegated(**await newest_state(tx, local_code)))
    await settle_item(local_code, tx)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)
