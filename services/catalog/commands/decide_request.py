"""Decide on a request to restart or to withdraw an item: by another person, of the authority above or the administrator."""

from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog import store
from services.catalog.commands.hands import Matter, hand_of, is_above, name_of
from services.catalog.commands.item_matter import matter_of_version
from services.catalog.commands.settle_item import settle_item
from services.catalog.commands.tell_item import newest_state
from services.catalog.errors import ItemUnknown
from services.catalog.events import ItemRestarted, ItemWithdrawn
from services.catalog.life_errors import AlreadyStands, NotYours, OwnRequest, RequestDecided, RequestUnknown, said
from services.catalog.rules.life import may_request
from services.catalog.store import lives

Decision = Literal["approved", "refused"]


async def decide_request(request_id: UUID, decision: Decision, opinion: str, tx: WriteTx, *, actor: Actor) -> RowMapping:
    """The request as decided. Raises RequestUnknown, ItemUnknown, NotYours, OwnRequest, RequestDecided, AlreadyStands."""
    known = await lives.request(tx, request_id)
    if known is None:
        raise RequestUnknown()
    await store.lock_item(tx, known["local_code"])
    row = await lives.request(tx, request_id)  # again, now that nobody else decides
    assert row is not None
    matter = await _matter(tx, row["local_code"])
    if not is_above(actor, matter):
        raise NotYours(authority=matter.authority, region=matter.region)
    if hand_of(actor) == row["requested_by"]:
        raise OwnRequest()
    if row["decision"] is not None:
        raise RequestDecided(decided_at=said(row["decided_at"]))
    await lives.decide_request(
        tx, request_id, decision=decision, opinion=opinion, decided_by=hand_of(actor), decided_by_name=name_of(actor)
    )
    if decision == "approved":
        await _carry_out(tx, row, opinion, actor)
    decided = await lives.request(tx, request_id)
    assert decided is not None
    return decided


async def _matter(tx: WriteTx, local_code: str) -> Matter:
    newest = await lives.newest_version(tx, local_code)
    if newest is None:
        raise ItemUnknown()
    return matter_of_version(newest)


async def _carry_out(tx: WriteTx, row: RowMapping, opinion: str, actor: Actor) -> None:
    local_code = row["local_code"]
    life = await lives.life_at(tx, local_code, tx.now)
    ahead = await lives.withdrawal_ahead(tx, local_code)
    assert life is not None
    if not may_request(row["kind"], life.state, is_withdrawal_ahead=ahead is not None):
        raise AlreadyStands(state=life.state)
    facts = {"reason": row["reason"], "document": row["document"], "request_id": row["id"], "recorded_by": hand_of(actor)}
    told = {"request_id": row["id"], "opinion": opinion}
    if row["kind"] == "restart":
        await lives.add_standing(tx, local_code, state="active", since=tx.now, **facts)
        tx.emit(ItemRestarted(**await newest_state(tx, local_code), **told))
    else:
        since = max(row["takes_effect_at"] or tx.now, tx.now)
        await lives.add_standing(tx, local_code, state="withdrawn", since=since, moved_to=row["moved_to"], **facts)
        tx.emit(ItemWithdrawn(**await newest_state(tx, local_code), **told))
    await settle_item(local_code, tx)
