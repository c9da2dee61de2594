"""Hand on a part of one's own authority for a time: "one pen" (一支笔), leave cover."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.clock import local_day
from chassis.database import WriteTx
from chassis.problems import NotFound
from services.identity.commands.record_change import record_change
from services.identity.commands.revoke_delegation import delegation_state
from services.identity.errors import BeyondOwnAuthority, DelegateUnknown
from services.identity.events import DelegationGranted
from services.identity.queries.authority import appointment
from services.identity.rules.authority import Delegation, ItemSet, overreach_of
from services.identity.store import staffing, subjects


@dataclass(frozen=True, slots=True)
class Delegate:
    """`delegate` is a login; both days are included. `reason` is `leave`, `one_pen` or `other`."""

    delegate: str
    posts: tuple[str, ...]
    region: str
    grade: int
    item_departments: tuple[str, ...] | None
    item_codes: tuple[str, ...] | None
    reason: str
    note: str
    valid_from: date
    valid_until: date


async def delegate(tx: WriteTx, command: Delegate, actor: Actor) -> RowMapping:
    """The record. The delegator has just confirmed it with their password. Raises DelegateUnknown, BeyondOwnAuthority."""
    me = await subjects.staff_member(tx, actor.subject)
    if me is None:
        raise NotFound()
    members = await staffing.lock_members(tx, [me["login"], command.delegate])
    delegator, receiver = members[me["login"]], members.get(command.delegate)
    if receiver is None or receiver["left_at"] is not None or receiver["id"] == delegator["id"]:
        raise DelegateUnknown()
    items = ItemSet(*(None if chosen is None else frozenset(chosen) for chosen in (command.item_departments, command.item_codes)))
    box = Delegation(
        id=tx.clock.new_id(),
        delegator=appointment(delegator),
        department=delegator["department"],
        posts=frozenset(command.posts),
        region=command.region,
        grade=command.grade,
        items=items,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
    )
    faults = overreach_of(box, today=local_day(tx.now))
    if faults:
        raise BeyondOwnAuthority([(fault.field, fault.reason) for fault in faults])
    row = await staffing.insert_delegation(tx, _row(tx, command, box, delegator, receiver))
    state = delegation_state(row)
    await record_change(tx, actor, "granted", kind="delegation", record=str(row["id"]), department=row["department"], after=state)
    tx.emit(DelegationGranted(**state))
    return row


def _row(tx: WriteTx, command: Delegate, box: Delegation, delegator: RowMapping, receiver: RowMapping) -> dict[str, object]:
    return {
        "id": box.id,
        "delegator": delegator["id"],
        "delegate": receiver["id"],
        "department": box.department,
        "posts": sorted(box.posts),
        "region": box.region,
        "grade": box.grade,
        "item_departments": None if box.items.departments is None else sorted(box.items.departments),
        "item_codes": None if box.items.codes is None else sorted(box.items.codes),
        "reason": command.reason,
        "note": command.note,
        "valid_from": box.valid_from,
        "valid_until": box.valid_until,
        "granted_at": tx.now,
        "version": 1,
    }
