"""Shapes of bundles on the wire; what a bundle says is `rules.bundle`."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints
from sqlalchemy import RowMapping

from chassis.schema import Body, View
from services.catalog.rules.bundle import BundleContent, BundleGuide, Conflict, OverallLimit
from services.catalog.rules.bundle_checks import Assembled
from services.catalog.rules.content import Authority, Key, LocalCode

BundlePath = Annotated[Key, Path(description="The bundle's code here: lower-case words with hyphens, such as open-a-restaurant.")]


class BundleSummary(View):
    """A bundle as a list shows it. `is_outdated`: an item of it has changed or ended since; it should be published again."""

    code: str
    version_id: UUID
    version_number: int
    name: str
    name_en: str | None
    authority: Authority
    region_code: str
    item_count: int
    overall_limit: OverallLimit
    is_outdated: bool


class BundleVersionView(View):
    """A version of a bundle as it was published; it never changes. `said` is the editor's, `guide` what it made of the items then."""

    code: str
    version_id: UUID
    version_number: int
    published_at: datetime
    said: BundleContent
    guide: BundleGuide


class BundleView(BundleVersionView):
    """The bundle as it stands. `changed_items` are those that have another version in force than the one in the guide, or none."""

    revision: int = Field(description="Goes up with each change; it is the ETag that changes are made against.")
    changed_items: list[LocalCode]
    withdrawn_at: datetime | None
    withdrawn_because: str | None


class VersionLine(View):
    id: UUID
    number: int
    published_at: datetime
    published_by: str


class PublishedBundleView(View):
    code: str
    version_id: UUID
    version_number: int
    revision: int
    is_new: bool


class ConflictRef(View):
    item: str
    name: str = Field(description="The material's key or the field's name there.")


class ConflictView(View):
    """What items ask differently. Settle it with a choice that names one of `refs`; `values` are by item."""

    about: Literal["material", "field"]
    kind: Literal["differing", "perhaps_same"]
    refs: list[ConflictRef]
    differing: list[str]
    values: dict[str, Any]


class FindingView(View):
    """One reason why the bundle may not be published. `pointer` is a JSON pointer into what was sent."""

    pointer: str
    rule: str
    detail_zh: str
    detail_en: str


class BundleCheckView(View):
    """What publishing would make. `guide` is null where the items or their order do not allow one yet."""

    may_be_published: bool
    guide: BundleGuide | None
    conflicts: list[ConflictView]
    findings: list[FindingView]


class WithdrawalBody(Body):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class PlannedItem(View):
    """An item of a plan: begun when the last it waits for is due. `is_provisional`: a calendar notice still to come could move it."""

    local_code: str
    name: str
    begins_on: date
    due_on: date
    is_provisional: bool


class PlanView(View):
    """When everything is due at the latest, if all begins on a day."""

    code: str
    start: date
    due_on: date
    is_provisional: bool
    items: list[PlannedItem]


def bundle_summary(row: RowMapping) -> BundleSummary:
    known = {name: row[name] for name in ("code", "version_id", "version_number", "region_code", "is_outdated")}
    return BundleSummary.model_validate({**row["summary"], **known})


def version_view(row: RowMapping, version_id: UUID) -> BundleVersionView:
    return BundleVersionView(**_version(row, version_id))


def bundle_view(standing: RowMapping, version: RowMapping, changed: list[str]) -> BundleView:
    known = {name: standing[name] for name in ("revision", "withdrawn_at", "withdrawn_because")}
    return BundleView(**_version(version, standing["version_id"]), **known, changed_items=changed)


def check_view(assembled: Assembled) -> BundleCheckView:
    return BundleCheckView(
        may_be_published=not assembled.findings,
        guide=assembled.guide,
        conflicts=[_conflict(one) for one in assembled.conflicts],
        findings=[FindingView(pointer=f.pointer, rule=f.rule, detail_zh=f.zh, detail_en=f.en) for f in assembled.findings],
    )


def _version(row: RowMapping, version_id: UUID) -> dict[str, Any]:
    said, guide = BundleContent.model_validate(row["content"]), BundleGuide.model_validate(row["guide"])
    known = {"code": row["code"], "version_number": row["number"], "published_at": row["published_at"]}
    return {**known, "version_id": version_id, "said": said, "guide": guide}


def _conflict(one: Conflict) -> ConflictView:
    refs = [ConflictRef(item=item, name=name) for item, name in one.refs]
    return ConflictView(about=one.about, kind=one.kind, refs=refs, differing=list(one.differing), values=dict(one.values))
