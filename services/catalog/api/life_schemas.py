"""Shapes of drafts, versions in time, standings, requests and delegations on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.schema import Body, View
from services.catalog.api.instants import Instant
from services.catalog.commands.decide_request import Decision
from services.catalog.commands.review_draft import Verdict
from services.catalog.rules.comparing import Change
from services.catalog.rules.content import ItemContent, LocalCode, Name
from services.catalog.rules.life import RequestKind
from services.catalog.rules.publication import Finding
from services.catalog.rules.regions import RegionCode

Reason = Annotated[str, Field(min_length=2, max_length=2000, description="Kept with what is done, and shown where people ask why.")]
Document = Annotated[str | None, Field(default=None, min_length=1, max_length=200, description="Number of the document it rests on.")]
DraftState = Literal["draft", "reviewed", "published", "discarded"]


class ChangeView(View):
    """One difference between two contents of an item, in words."""

    pointer: str
    kind: Literal["added", "removed", "changed", "moved"]
    zh: str
    en: str


class FindingView(View):
    """One reason why it may not be published."""

    pointer: str
    rule: str
    zh: str
    en: str


class NewDraft(Body):
    """A draft of an item's next version, or of a new item. Without content it begins with what the newest version says."""

    local_code: LocalCode
    content: ItemContent | None = None


class DraftContent(Body):
    """`based_on`: the newest version, where what it changed since the draft began has been merged into the content."""

    content: ItemContent
    based_on: int | None = Field(default=None, ge=0, le=1_000_000_000)


class ReviewBody(Body):
    verdict: Verdict
    opinion: Reason


class PublicationBody(Body):
    """From when on it is in force; at once where nothing is said."""

    effective_from: Instant | None = None


class DraftSummary(View):
    """A draft as a list shows it. `writers` and `reviewed_by` are `kind:id`; they are never the same."""

    id: UUID
    local_code: str
    state: DraftState
    version: int
    based_on: int = Field(description="Number of the version it changes; 0 for a new item.")
    authority_code: str
    region_code: str
    writers: list[str]
    reviewed_by: str | None
    reviewed_by_name: str | None
    reviewed_at: datetime | None
    opinion: str | None
    created_at: datetime
    version_id: UUID | None = Field(description="The version it became.")


class DraftView(DraftSummary):
    """A draft whole: what it would change of the version in words, and what stands against publishing it."""

    content: ItemContent
    changes: list[ChangeView]
    findings: list[FindingView]


class DraftStep(View):
    """What was done to a draft, by whom, and what it changed."""

    version: int
    action: Literal["started", "changed", "approved", "returned", "published", "discarded"]
    done_by: str
    done_by_name: str
    done_at: datetime
    changes: list[ChangeView]


class DraftHistory(View):
    data: list[DraftStep]


class VersionView(View):
    """A published version. One `recalled_at` was taken back before it took effect, and never does."""

    version_id: UUID
    version_number: int
    published_at: datetime
    effective_from: datetime
    origin: Literal["loaded", "drafted"]
    recalled_at: datetime | None
    recall_reason: str | None
    is_in_force: bool


class ComparisonView(View):
    """What one version changed of another, in words."""

    local_code: str
    from_number: int
    to_number: int
    changes: list[ChangeView]


class RecallBody(Body):
    reason: Reason


class FreezeBody(Body):
    reason: Reason
    document: Document


class RequestBody(Body):
    """`moved_to` and `takes_effect_at` are of withdrawals only."""

    kind: RequestKind
    reason: Reason
    document: Document
    moved_to: LocalCode | None = Field(default=None, description="The item that takes its place.")
    takes_effect_at: Instant | None = Field(
        default=None, description="When it ends; when it is decided, where that is later or nothing is said."
    )


class DecisionOfRequest(Body):
    decision: Decision
    opinion: Reason


class RequestView(View):
    """A request to restart or to withdraw an item. Who decides is never who requested."""

    id: UUID
    local_code: str
    kind: RequestKind
    reason: str
    document: str | None
    moved_to: str | None
    takes_effect_at: datetime | None
    requested_by_name: str
    requested_at: datetime
    decision: Decision | None
    opinion: str | None
    decided_by_name: str | None
    decided_at: datetime | None


class NewDelegationBody(Body):
    """Both days are included."""

    authority_code: Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$", description="USCC of the lower authority.")]
    authority_name: Name
    region_code: RegionCode = Field(description="Below the item's own region.")
    document: Annotated[str, Field(min_length=1, max_length=200, description="Number of the document of delegation.")]
    valid_from: date = Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))
    valid_until: date = Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))


class EndBody(Body):
    reason: Reason


def change_views(found: list[Change]) -> list[ChangeView]:
    return [ChangeView(**one._asdict()) for one in found]


def finding_views(found: list[Finding]) -> list[FindingView]:
    return [FindingView(pointer=one.pointer, rule=one.rule, zh=one.zh, en=one.en) for one in found]
