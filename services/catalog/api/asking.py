"""How searches, facets and suggestions are asked: the text, the place, and what narrows it."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator

from services.catalog.rules.regions import RegionCode, lineage
from services.catalog.store.finding import Filters

Reach = Literal["county", "city", "province", "nation"]


def _printable(text: str) -> str:
    """Raises ValueError for control characters: nobody types them, and PostgreSQL cannot hold them all."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("不能含控制字符|must not have control characters")
    return text


SearchText = Annotated[
    str,
    AfterValidator(_printable),
    Query(max_length=100, description="Words, everyday phrases, pinyin, initials or a code: 开饭店, 食品经营, kaifandian, spjyxk."),
]


def _filters(
    region: Annotated[RegionCode | None, Query(description="A place; its own items and those of the places above it are found.")] = None,
    service_object: Annotated[
        Literal["1", "2", "3", "4", "5", "6"] | None, Query(description="Whom it serves (GB/T 39046 A.4): 1 people, 2 companies, …")
    ] = None,
    channel: Annotated[
        Literal["1", "2", "3", "4"] | None, Query(description="How it can be asked for (A.5): 1 window, 2 web, 3 mobile, 4 express.")
    ] = None,
    reach: Annotated[Reach | None, Query(description="Where else it can be asked for.")] = None,
    authority: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{18}$", description="The deciding department's USCC.")] = None,
) -> Filters:
    return Filters(lineage(region) if region else None, service_object, channel, reach, authority)


Asked = Annotated[Filters, Depends(_filters)]
