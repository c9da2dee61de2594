"""The region: one that the catalog knows."""

from collections.abc import Iterator

from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


@rule(
    "region-unknown",
    title=("区划已载入", "The region is known"),
    source=sources.WHOLE_RECORD,
    remedy=("先载入区划，或改正区划代码", "Load the regions first, or correct the code"),
)
def region_unknown(subject: Subject) -> Iterator[Fault]:
    if not subject.is_region_known:
        yield "/region_code", Said("没有这个区划，请先载入区划", "There is no such region; load the regions first.")
