"""Limits: promised within the law, and counted alike."""

from collections.abc import Iterator

from services.catalog.rules.content import ItemContent, PromisedLimit
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


def _promises(item: ItemContent) -> Iterator[tuple[str, PromisedLimit]]:
    """Every promise the item makes, with its place: its own, and those of its situations."""
    yield "/promised_limit", item.promised_limit
    for at, row in enumerate(item.situation_table.rows if item.situation_table else ()):
        if row.promised_limit is not None:
            yield f"/situation_table/rows/{at}/promised_limit", row.promised_limit


@rule(
    "instant-takes-days",
    title=("即办件当场办结", "An instant item is decided on the spot"),
    source=sources.LICENSING_34,
    remedy=("把承诺时限改为0，或把办件类型改为承诺件", "Promise 0 days, or make it a committed item"),
)
def instant_takes_days(subject: Subject) -> Iterator[Fault]:
    for place, promised in _promises(subject.item):
        if subject.item.kind == "instant" and promised.days > 1:
            yield f"{place}/days", Said("即办件应当场或当日办结", "An instant item is decided on the spot.")


@rule(
    "statutory-limit-without-basis",
    title=("法定时限有依据", "A statutory limit has its article"),
    source=sources.LICENSING_42,
    remedy=("写明规定该时限的法律名称和条款", "Name the law and article that sets the limit"),
)
def statutory_limit_without_basis(subject: Subject) -> Iterator[Fault]:
    statutory = subject.item.statutory_limit
    if statutory is not None and statutory.basis is None:
        yield "/statutory_limit/basis", Said("法定时限应写明依据", "A statutory limit names the article it comes from.")


@rule(
    "limit-units-differ",
    title=("承诺时限与法定时限单位一致", "Promised and statutory limit count in one unit"),
    source=sources.LICENSING_82,
    remedy=("把承诺时限换算为法定时限的单位", "Count the promised limit in the unit of the statutory one"),
)
def limit_units_differ(subject: Subject) -> Iterator[Fault]:
    statutory = subject.item.statutory_limit
    for place, promised in _promises(subject.item):
        if statutory is not None and promised.days > 0 and promised.unit != statutory.unit:
            yield (
                f"{place}/unit",
                Said(
                    "承诺时限与法定时限应使用同一单位，否则无法比较",
                    "The promised limit uses the statutory limit's unit; otherwise they cannot be compared.",
                ),
            )


@rule(
    "promise-exceeds-law",
    title=("承诺时限不超过法定时限", "The promise is within the law"),
    source=sources.LICENSING_42,
    remedy=("缩短承诺时限，或核对法定时限及其依据", "Promise less, or check the statutory limit and its basis"),
)
def promise_exceeds_law(subject: Subject) -> Iterator[Fault]:
    statutory = subject.item.statutory_limit
    for place, promised in _promises(subject.item):
        if statutory is not None and promised.unit == statutory.unit and promised.days > statutory.days:
            yield (
                f"{place}/days",
                Said(
                    f"承诺时限不得超过法定时限（{statutory.days}）",
                    f"The promised limit may not exceed the statutory one ({statutory.days}).",
                ),
            )
