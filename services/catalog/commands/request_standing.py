"""Request that a frozen item be restarted, or that an item be withdrawn: the first step of the recorded procedure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.actor import Actor
from chassis.database import ReadTx, WriteTx
from chassis.problems import FieldError, Text
from services.catalog.commands.hands import WRITERS, hand_of, name_of
from services.catalog.commands.item_matter import take_item
from services.catalog.life_errors import AlreadyStands, BeginsInThePast, RequestOpen, SuccessorInvalid
from services.catalog.rules.life import RequestKind, may_request
from services.catalog.store import lives


@dataclass(frozen=True, slots=True)
class StandingRequest:
    """`moved_to` and `takes_effect_at` are of withdrawals: the item that takes its place, and when, if not when it is decided."""

    kind: RequestKind
    reason: str
    document: str | None
    moved_to: str | None
    takes_effect_at: datetime | None


async def request_standing(local_code: str, asked: StandingRequest, tx: WriteTx, *, actor: Actor) -> UUID:
    """Raises ItemUnknown, NotYours, ItemEnded, AlreadyStands, RequestOpen, SuccessorInvalid, BeginsInThePast."""
    await take_item(tx, local_code, actor, WRITERS)
    life = await lives.life_at(tx, local_code, tx.now)
    ahead = await lives.withdrawal_ahead(tx, local_code)
    assert life is not None
    if not may_request(asked.kind, life.state, is_withdrawal_ahead=ahead is not None):
        raise AlreadyStands(state=life.state if ahead is None else "withdrawn")
    waiting = await lives.open_request(tx, local_code, asked.kind)
    if waiting is not None:
        raise RequestOpen(waiting_request=waiting["id"])
    await _check_withdrawal(tx, local_code, asked)
    request_id = tx.clock.new_id()
    await lives.add_request(
        tx,
        id=request_id,
        local_code=local_code,
        kind=asked.kind,
        reason=asked.reason,
        document=asked.document,
        moved_to=asked.moved_to,
        takes_effect_at=asked.takes_effect_at,
        requested_by=hand_of(actor),
        requested_by_name=name_of(actor),
    )
    return request_id


async def _check_withdrawal(tx: ReadTx, local_code: str, asked: StandingRequest) -> None:
    if asked.takes_effect_at is not None and asked.takes_effect_at < tx.now:
        raise BeginsInThePast()
    if asked.moved_to is None:
        return
    life = await lives.life_at(tx, asked.moved_to, tx.now)
    if life is None or life.state == "withdrawn" or asked.moved_to == local_code:
        said = Text("应为另一个未取消的事项", "is another item that is not withdrawn")
        raise SuccessorInvalid(errors=[FieldError("/moved_to", "item-successor-invalid", said)])
