"""Topic `tongban.identity.department`: who may decide here, kept as identity last told it."""

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.catalog.commands.keep_department import keep_department


class DepartmentChanged(EventView):
    uscc: str
    name: str
    name_en: str | None = None
    region: str
    parent: str | None = None
    version: int


async def on_changed(event: Incoming[DepartmentChanged], tx: WriteTx, prepared: None) -> None:
    seen = event.body
    await keep_department(
        seen.uscc, tx, name=seen.name, name_en=seen.name_en, region_code=seen.region, parent_code=seen.parent, version=seen.version
    )


departments = Consumer(
    name="catalog.departments",
    topics=("tongban.identity.department",),
    handlers=(Handler("tongban.identity.department.changed.v1", DepartmentChanged, on_changed),),
)
