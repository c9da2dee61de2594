"""What the rules of publication find: in the sample city, and in the real items and guides where `TONGBAN_REAL_DATA` names them.

Examples go to the terminal, counts and the time for an item into the table.
"""

from collections.abc import Iterator
from pathlib import Path
import sys
import time

from bench.figures import Figure
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import RULES
from tests.catalog.real_catalog import REAL_FILE
from tests.catalog.real_guides import check, district_items, real_guides
from tests.catalog.sample import sample_items


async def measure_publication(scratch: Path) -> list[Figure]:
    """Every rule on every item."""
    figures = _checked("sample city", (ItemContent.model_validate(content) for content in sample_items().values()))
    if REAL_FILE.exists():
        figures += _checked("real district", district_items())
        figures += _checked("real guides", real_guides())
    return figures


def _checked(what: str, items: Iterator[ItemContent]) -> list[Figure]:
    everything = list(items)
    began = time.perf_counter()
    checked = check(iter(everything))
    each = (time.perf_counter() - began) / len(everything)
    print(f"{what}: " + "\n".join(checked.lines()), file=sys.stderr)
    found = ", ".join(f"{rule} {count}" for rule, count in checked.found.most_common())
    return [
        Figure(f"{len(RULES)} rules, an item, {what}", each * 1e3, "ms"),
        Figure(f"items with findings, {what}", checked.items - checked.clean, f"of {checked.items:,}", note=found),
    ]
