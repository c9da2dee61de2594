"""Topic `tongban.intake.application`: what people ask for comes first in what they find. Nothing of who asked is read."""

from pydantic import AwareDatetime

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.catalog.commands.note_submission import note_submission
from services.catalog.rules.content import LocalCode


class ItemAsked(EventView):
    local_code: LocalCode


class ApplicationSubmitted(EventView):
    item: ItemAsked
    submitted_at: AwareDatetime


async def on_submitted(event: Incoming[ApplicationSubmitted], tx: WriteTx, prepared: None) -> None:
    await note_submission(event.body.item.local_code, event.body.submitted_at, tx)


applications = Consumer(
    name="catalog.applications",
    topics=("tongban.intake.application",),
    handlers=(Handler("tongban.intake.application.submitted.v1", ApplicationSubmitted, on_submitted),),
)
