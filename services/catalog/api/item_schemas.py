"""Shapes of items on the wire; what an item says is `rules.content`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.schema import View
from services.catalog.commands.publish_version import Published
from services.catalog.rules.content import Authority, ItemContent, PromisedLimit
from services.catalog.rules.life import Life, State

PROBLEM_CONTENT = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
"""How a route's document shows a problem that not every route has."""


class StandingView(View):
    """How an item stands: `active`; `frozen`, it takes no new applications; `withdrawn`, it is no more, and `moved_to` is where it went."""

    state: State
    since: datetime | None
    reason: str | None
    document: str | None
    moved_to: str | None


class DelegationView(View):
    """A lower authority that exercises the item in its region, from `begins_at` until before `ends_at`."""

    id: UUID
    authority_code: str
    authority_name: str
    region_code: str
    document: str
    begins_at: datetime
    ends_at: datetime
    end_reason: str | None


class Guide(ItemContent):
    """A published version of an item, whole.

    What is asked for by code or instant says also how the item stands, who exercises it below its authority, and until when all
    of this holds (`holds_until`, as far as is known).
    """

    local_code: str
    version_id: UUID
    version_number: int
    published_at: datetime
    effective_from: datetime
    standing: StandingView | None = None
    delegations: list[DelegationView] | None = None
    holds_until: datetime | None = None


class ItemSummary(View):
    """An item as a list shows it. A `frozen` one takes no new applications."""

    local_code: str
    version_id: UUID
    version_number: int
    name: str
    name_en: str | None
    authority: Authority
    region_code: str
    item_type: str
    kind: Literal["instant", "committed"]
    promised_limit: PromisedLimit
    standing: State


class PublishedVersion(View):
    """What publishing led to. `is_new` is false when the newest version says just this already."""

    local_code: str
    version_id: UUID
    version_number: int
    effective_from: datetime
    is_new: bool


def guide(row: RowMapping) -> Guide:
    """A version as it was published."""
    known = {name: row[name] for name in ("local_code", "version_id", "version_number", "published_at", "effective_from")}
    return Guide.model_validate({**row["content"], **known})


def guide_of(row: RowMapping, life: Life, delegations: Iterable[RowMapping]) -> Guide:
    """The version in force with how the item stands."""
    standing = StandingView(state=life.state, since=life.since, reason=life.reason, document=life.document, moved_to=life.moved_to)
    shown = [DelegationView.model_validate(one) for one in delegations]
    return guide(row).model_copy(update={"standing": standing, "delegations": shown, "holds_until": life.next_at})


def summary(row: RowMapping) -> ItemSummary:
    known: dict[str, Any] = {name: row[name] for name in ("local_code", "version_id", "version_number", "region_code", "standing")}
    return ItemSummary.model_validate({**row["summary"], **known})


def published(local_code: str, done: Published) -> PublishedVersion:
    """What a publication answers."""
    facts = {name: getattr(done, name) for name in ("version_id", "version_number", "effective_from", "is_new")}
    return PublishedVersion(local_code=local_code, **facts)
