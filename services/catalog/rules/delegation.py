"""Delegation of an item to a lower authority: what must hold (Administrative Licensing Law art. 24: to an authority, and published)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.catalog.rules.publication import Finding
from services.catalog.rules.regions import lineage
from standards.errors import StandardViolation
from standards.uscc import parse_uscc

LONGEST_YEARS = 10


@dataclass(frozen=True, slots=True)
class Delegated:
    """Who exercises an item in a region, in a span of time."""

    authority: str
    region: str
    begins_at: datetime
    ends_at: datetime


def delegation_faults(
    asked: Delegated, days: tuple[date, date], *, authority: str, region: str, today: date, others: Iterable[Delegated]
) -> Iterator[Finding]:
    """Everything that stands against it. `authority` and `region` are the item's own; `days` the first and the last of the delegation."""
    first, last = days
    try:
        parse_uscc(asked.authority)
    except StandardViolation:
        yield Finding("/authority_code", "authority-code-invalid", "统一社会信用代码有误", "is no valid authority code")
    if asked.authority == authority:
        yield Finding("/authority_code", "own-authority", "不能委托给实施机关自己", "is the item's own authority")
    if region not in lineage(asked.region) or asked.region == region:
        yield Finding(
            "/region_code", "region-not-below", f"应在事项所属区划（{region}）之下", f"must lie below the item's region ({region})"
        )
    if first < today:
        yield Finding("/valid_from", "in-the-past", "不能早于今天", "may not be before today")
    if last < first:
        yield Finding("/valid_until", "before-start", "不能早于开始日期", "may not be before the first day")
    elif last.year - first.year > LONGEST_YEARS:
        yield Finding("/valid_until", "too-long", f"不超过 {LONGEST_YEARS} 年", f"may be at most {LONGEST_YEARS} years later")
    if any(_meet(asked, other) for other in others):
        said = "该区划在此期间已有委托", "is delegated already at that time"
        yield Finding("/region_code", "delegated-already", *said)


def _meet(one: Delegated, other: Delegated) -> bool:
    """Whether two delegations are for the same place at the same time: nobody could say whose it is."""
    is_same_place = one.region in lineage(other.region) or other.region in lineage(one.region)
    return is_same_place and one.begins_at < other.ends_at and other.begins_at < one.ends_at
