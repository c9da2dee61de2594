"""What catalog tells: an item's full state at each turn of its life, a calendar year's full notice."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Event

ITEM_TOPIC = "tongban.catalog.item"
CALENDAR_TOPIC = "tongban.catalog.calendar"
BASE_ENTRY_TOPIC = "tongban.catalog.base-entry"
BUNDLE_TOPIC = "tongban.catalog.bundle"
REGION_TOPIC = "tongban.catalog.region"
LIST_ENTRY_TOPIC = "tongban.catalog.list-entry"
TOPICS = (ITEM_TOPIC, CALENDAR_TOPIC, BASE_ENTRY_TOPIC, BUNDLE_TOPIC, REGION_TOPIC, LIST_ENTRY_TOPIC)


class EventPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuthorityPart(EventPart):
    code: str
    name: str


class LimitPart(EventPart):
    days: int
    unit: Literal["working_day", "calendar_day"]


class StepPart(EventPart):
    key: str
    name: str
    post: str
    grade: int
    kind: Literal["review", "decide"]


class DelegationPart(EventPart):
    """A lower authority that exercises the item in its region, from an instant and until another."""

    id: UUID
    authority: AuthorityPart
    region_code: str
    document: str
    begins_at: datetime
    ends_at: datetime


class StandingPart(EventPart):
    """How the item stands from `since` on, which may lie ahead; `moved_to` is the code that takes the place of a withdrawn one."""

    state: Literal["active", "frozen", "withdrawn"]
    since: datetime
    reason: str
    document: str | None
    moved_to: str | None


class ItemState(Event):
    """All that other services need of a version of an item; its guide stays here."""

    topic: ClassVar[str] = ITEM_TOPIC

    local_code: str
    base_code: str | None
    implementation_code: str | None
    version_id: UUID
    version_number: int
    name: str
    name_en: str | None
    authority: AuthorityPart
    region_code: str
    item_type: str
    kind: Literal["instant", "committed"]
    statutory_limit: LimitPart | None
    promised_limit: LimitPart
    process: list[StepPart]
    result_type_code: str | None
    result_validity_months: int | None
    published_at: datetime
    effective_from: datetime | None = None
    standing: StandingPart | None = None
    delegations: list[DelegationPart] | None = None

    def key(self) -> str:
        return self.local_code


class ItemPublished(ItemState):
    """A new version of an item is in force. The body is all that other services need of it; its guide stays here."""

    type: ClassVar[str] = "tongban.catalog.item.published.v1"


class ItemScheduled(ItemState):
    """A version is published that is in force from `effective_from` on, which lies ahead, unless it is recalled before.

    A copy that heeds it changes at its very instant; `published` follows then, for those that do not.
    """

    type: ClassVar[str] = "tongban.catalog.item.scheduled.v1"


class ItemRecalled(ItemState):
    """The version in the body, which was scheduled, is taken back and will not be in force."""

    type: ClassVar[str] = "tongban.catalog.item.recalled.v1"

    reason: str
    recalled_at: datetime


class ItemFrozen(ItemState):
    """No new application may begin from `standing.since` on; those under way go on. The version is the newest."""

    type: ClassVar[str] = "tongban.catalog.item.frozen.v1"


class ItemRestarted(ItemState):
    """A frozen item takes applications again, by a request that another person decided."""

    type: ClassVar[str] = "tongban.catalog.item.restarted.v1"

    request_id: UUID
    opinion: str


class ItemWithdrawn(ItemState):
    """The item ends with `standing.since`, which may lie ahead, for good; those under way go on."""

    type: ClassVar[str] = "tongban.catalog.item.withdrawn.v1"

    request_id: UUID
    opinion: str


class ItemDelegated(ItemState):
    """Who exercises the item below its authority has changed; `delegations` are all that have not ended."""

    type: ClassVar[str] = "tongban.catalog.item.delegated.v1"


class CalendarLoaded(Event):
    """A year's notice is loaded or corrected: weekdays off and weekend days worked."""

    topic: ClassVar[str] = CALENDAR_TOPIC
    type: ClassVar[str] = "tongban.catalog.calendar.loaded.v1"

    year: int
    holidays: list[date]
    workdays: list[date]
    source: str

    def key(self) -> str:
        return str(self.year)


class BaseEntryChanged(Event):
    """A change of a base catalog was accepted. The body is all there is of the code's entry now.

    `current`: `old_codes` are all that lead to it. `deleted`: it is what it last was. `recoded`: this code leads to `moved_to` for
    ever, whose own event goes with this one.
    """

    topic: ClassVar[str] = BASE_ENTRY_TOPIC
    type: ClassVar[str] = "tongban.catalog.base-entry.changed.v1"

    catalog: str
    code: str
    state: Literal["current", "deleted", "recoded"]
    moved_to: str | None
    old_codes: list[str]
    name: str
    department: str
    elements: dict[str, str]
    edition: int
    issued_on: date
    change: Literal["added", "deleted", "renamed", "recoded", "changed"]
    changed_at: datetime

    def key(self) -> str:
        return f"{self.catalog}:{self.code}"


class ListEntryChanged(Event):
    """An edition of one of a region's four lists added, changed or removed an entry. The body is all there is of it.

    `removed`: it is what it last was, and the list no longer has it. `edition` is the one that last changed it.
    """

    topic: ClassVar[str] = LIST_ENTRY_TOPIC
    type: ClassVar[str] = "tongban.catalog.list-entry.changed.v1"

    list_kind: Literal["power", "responsibility", "negative", "fee"]
    region_code: str
    code: str
    state: Literal["in_force", "removed"]
    name: str
    department: str
    base_code: str | None
    items: list[str]
    elements: dict[str, str]
    edition: int
    issued_on: date
    source: str
    changed_at: datetime

    def key(self) -> str:
        return f"{self.list_kind}:{self.region_code}:{self.code}"


class BundleItemPart(EventPart):
    """An item of a bundle. Those of one `stage` may run side by side, each once those in `after` are done."""

    local_code: str
    version_id: UUID
    version_number: int
    after: list[str]
    stage: int
    needed_when: str | None


class BundleMaterialUsePart(EventPart):
    item: str
    material: str
    necessity: Literal["required", "conditional"]
    needed_when: str | None


class BundleMaterialPart(EventPart):
    """A material asked once for all its `uses`; one that `comes_from` an item before it is that item's result."""

    key: str
    name: str
    name_en: str | None
    source: Literal["applicant", "certificate", "shared", "commitment"]
    certificate_type: str | None
    shared_resource: str | None
    necessity: Literal["required", "conditional"]
    is_tolerant: bool
    tolerant_days: int | None
    form: Literal["filled_form", "electronic", "original", "copy"]
    copies: int
    comes_from: str | None
    uses: list[BundleMaterialUsePart]


class BundleFieldUsePart(EventPart):
    item: str
    field: str


class BundleFieldPart(EventPart):
    """A field of the one form, and the field of each item's form that it fills."""

    name: str
    uses: list[BundleFieldUsePart]


class BundleChanged(Event):
    """A bundle was published anew or withdrawn. The body is all there is of it; `overall_days` are working days, at most."""

    topic: ClassVar[str] = BUNDLE_TOPIC
    type: ClassVar[str] = "tongban.catalog.bundle.changed.v1"

    code: str
    version_id: UUID
    version_number: int
    state: Literal["published", "withdrawn"]
    withdrawn_because: str | None
    name: str
    name_en: str | None
    authority: AuthorityPart
    region_code: str
    items: list[BundleItemPart]
    materials: list[BundleMaterialPart]
    fields: list[BundleFieldPart]
    form: dict[str, Any]
    overall_days: int
    changed_at: datetime

    def key(self) -> str:
        return self.code


class RegionChanged(Event):
    """A region was entered, renamed, or ended. The body is all there is of it; its full name is that of the regions above it and its own.

    `ended_on`: from that day it is no more, and `became` are the regions that it is now (several where it was divided, none where
    nobody knows). `former_codes` are codes it had before, itself or a part of it.
    """

    topic: ClassVar[str] = REGION_TOPIC
    type: ClassVar[str] = "tongban.catalog.region.changed.v1"

    code: str
    name: str
    level: int
    parent_code: str | None
    ended_on: date | None
    became: list[str]
    former_codes: list[str]
    changed_at: datetime

    def key(self) -> str:
        return self.code
