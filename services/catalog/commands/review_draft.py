"""Review a draft: approve what somebody else wrote, or return it with what is wrong."""

from typing import Literal
from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from services.catalog.commands.drafting import demand_current, keep_step, matter_of, take_draft
from services.catalog.commands.hands import REVIEWERS, demand_reach, hand_of, name_of
from services.catalog.commands.publish_version import refuse_unlawful
from services.catalog.life_errors import OwnWork
from services.catalog.rules.content import ItemContent
from services.catalog.rules.life import may_review

Verdict = Literal["approved", "returned"]


async def review_draft(draft_id: UUID, verdict: Verdict, opinion: str, tx: WriteTx, *, reviewer: Actor, seen: int) -> None:
    """Approving asks of the draft all that publishing does.

    Raises DraftUnknown, DraftChanged, DraftClosed, NotYours, OwnWork, DraftOutdated, PublicationRefused.
    """
    row = await take_draft(tx, draft_id, reviewer, seen=seen, states={"draft"})
    item = ItemContent.model_validate(row["content"])
    demand_reach(reviewer, matter_of(row["local_code"], item), REVIEWERS)
    if not may_review(hand_of(reviewer), row["writers"]):
        raise OwnWork()
    if verdict == "approved":
        await demand_current(tx, row)
        await refuse_unlawful(item, tx)
    who = {"reviewed_by": hand_of(reviewer), "reviewed_by_name": name_of(reviewer), "reviewed_at": tx.now}
    state = "reviewed" if verdict == "approved" else "draft"
    await keep_step(tx, row, verdict, reviewer, content=row["content"], state=state, opinion=opinion, **who)
