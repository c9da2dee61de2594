"""Shapes of items on the wire; what an item says is `rules.content`."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.schema import View
from services.catalog.rules.content import Authority, ItemContent, PromisedLimit


class Guide(ItemContent):
    """A published version of an item, whole."""

    local_code: str
    version_id: UUID
    version_number: int
    published_at: datetime


class ItemSummary(View):
    """An item as a list shows it."""

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


class PublishedVersion(View):
    """What publishing led to. `is_new` is false when the content was in force already."""

    local_code: str
    version_id: UUID
    version_number: int
    is_new: bool


def guide(row: RowMapping) -> Guide:
    known = {name: row[name] for name in ("local_code", "version_id", "version_number", "published_at")}
    return Guide.model_validate({**row["content"], **known})


def summary(row: RowMapping) -> ItemSummary:
    known: dict[str, Any] = {name: row[name] for name in ("local_code", "version_id", "version_number", "region_code")}
    return ItemSummary.model_validate({**row["summary"], **known})
