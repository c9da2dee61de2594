"""Shapes of base catalogs, editions and reviews on the wire."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints
from sqlalchemy import RowMapping

from chassis.schema import Body, View
from services.catalog.commands.decide_differences import as_difference
from services.catalog.rules.base_entry import MOST_CODE
from services.catalog.rules.drift import KINDS, Difference, DifferenceKind
from services.catalog.rules.review import Decision, ReviewState, review_state
from services.catalog.rules.sheet import FileKind

CatalogPath = Annotated[
    str,
    Path(
        pattern=r"^[a-z][a-z0-9-]{0,39}$", description="A base catalog's name here: lower-case letters, digits, hyphen; national, sichuan."
    ),
]
EditionPath = Annotated[int, Path(ge=1, le=1_000_000, description="An edition's number, 1 for the first.")]
BaseCodePath = Annotated[
    str,
    Path(
        pattern=rf"^[0-9A-Za-z][0-9A-Za-z._-]{{0,{MOST_CODE - 1}}}$", description="A code of the base catalog, one of today or of before."
    ),
]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class BaseEntryView(View):
    """An entry of a base catalog. `elements` are texts by element: item_type, legal_basis, main_item and what else its file has."""

    code: str
    name: str
    department: str
    elements: dict[str, str]


class StandingEntryView(BaseEntryView):
    """An entry as it is in force. A deleted one stays readable; `old_codes` lead to it for ever."""

    catalog: str
    is_deleted: bool
    edition: int = Field(description="The edition that last changed it.")
    changed_at: datetime
    old_codes: list[str]


class ReviewCounts(View):
    """Differences by kind and by decision."""

    kinds: dict[DifferenceKind, int]
    undecided: int
    accepted: int
    rejected: int
    postponed: int


class EditionView(View):
    """An imported edition and how far its review is. `state`: open, finished (all accepted or rejected), superseded by the next edition."""

    catalog: str
    number: int
    issued_on: date
    source: str
    file_kind: FileKind
    entry_count: int
    imported_at: datetime
    imported_by: str
    state: ReviewState
    differences: ReviewCounts


class ChangeView(View):
    """One field that differs; null where that side does not have it."""

    field: str
    before: str | None
    after: str | None


class DifferenceFacts(View):
    """One entry that differs. `kind` is the weightiest of `changes`; `confidence`, 0 to 1, that both sides are the same entry."""

    kind: DifferenceKind
    confidence: float
    before: BaseEntryView | None
    after: BaseEntryView | None
    changes: list[ChangeView]


class DecisionView(View):
    decision: Decision
    reason: str
    decided_by: str
    decided_at: datetime


class DifferenceView(DifferenceFacts):
    """A difference under review. Undecided while `decision` is null; `implementation_count` items here carry the entry out."""

    id: UUID
    catalog: str
    edition: int
    decision: DecisionView | None
    implementation_count: int


class DifferenceWithHistory(DifferenceView):
    """`decisions` are all that were taken, oldest first."""

    decisions: list[DecisionView]


class BundleRef(View):
    code: str
    name: str


class ImplementationView(View):
    """An item here that carries a base entry out, and the bundles that it is in."""

    local_code: str
    version_number: int
    name: str
    authority: str
    region_code: str
    bundles: list[BundleRef]


class CheckView(View):
    """What importing a file would do. `is_known`: it is the newest edition's very file and importing it changes nothing."""

    file_kind: FileKind
    entry_count: int
    is_known: bool
    kinds: dict[DifferenceKind, int]
    differences: list[DifferenceFacts] = Field(description="The first 200.")


class DecisionBody(Body):
    """What is decided, and why."""

    decision: Decision
    reason: Reason


class DecisionsBody(DecisionBody):
    """Decide many at once: those of `standing` that the rest narrows. None, unless there are `expected_count`."""

    kind: DifferenceKind | None = None
    standing: Literal["undecided", "postponed", "rejected"] = "undecided"
    department: str | None = Field(default=None, max_length=200)
    least_confidence: float | None = Field(default=None, ge=0, le=1)
    expected_count: int = Field(ge=0, le=1_000_000)


def edition_view(row: RowMapping, counts: Sequence[RowMapping], *, is_newest: bool) -> EditionView:
    kinds: dict[DifferenceKind, int] = dict.fromkeys(KINDS, 0)
    standing: dict[Decision | None, int] = {None: 0, "accepted": 0, "rejected": 0, "postponed": 0}
    for one in counts:
        kinds[one["kind"]] += one["count"]
        standing[one["decision"]] += one["count"]
    said = {name: standing[name] for name in ("accepted", "rejected", "postponed")}
    known = {
        name: row[name] for name in ("catalog", "number", "issued_on", "source", "file_kind", "entry_count", "imported_at", "imported_by")
    }
    return EditionView(
        **known,
        state=review_state(standing, is_newest=is_newest),
        differences=ReviewCounts(kinds=kinds, undecided=standing[None], **said),
    )


def difference_facts(one: Difference) -> DifferenceFacts:
    return DifferenceFacts(
        kind=one.kind,
        confidence=one.confidence,
        before=BaseEntryView.model_validate(one.before) if one.before else None,
        after=BaseEntryView.model_validate(one.after) if one.after else None,
        changes=[ChangeView(field=change.field, before=change.before, after=change.after) for change in one.changes],
    )


def difference_view(row: RowMapping, latest: RowMapping | None, implementation_count: int) -> DifferenceView:
    return DifferenceView(
        **difference_facts(as_difference(row)).model_dump(),
        id=row["id"],
        catalog=row["catalog"],
        edition=row["edition"],
        decision=DecisionView.model_validate(latest) if latest is not None else None,
        implementation_count=implementation_count,
    )


def implementation_view(row: RowMapping, bundles: Sequence[RowMapping]) -> ImplementationView:
    known = {name: row[name] for name in ("local_code", "version_number", "region_code")}
    within = [BundleRef(code=one["code"], name=one["summary"]["name"]) for one in bundles]
    return ImplementationView(**known, name=row["summary"]["name"], authority=row["summary"]["authority"]["name"], bundles=within)
