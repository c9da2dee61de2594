"""A catalog filled at once: rows of many items by COPY, as publishing would write them one by one."""

from collections.abc import Iterable, Iterator
import csv
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import orjson

from host.sample_city.loading import load_city
from services.catalog.commands.index_item import filtered_by
from services.catalog.rules.content import ItemContent
from services.catalog.rules.finding import INDEX_VERSION, IndexEntry, index_entry
from tests.catalog.sample import item, sample_items

Shelved = tuple[str, ItemContent]

_ITEM_COLUMNS = (
    "local_code", "version_id", "version_number", "digest", "summary", "region_code", "authority_code", "service_objects", "channels",
    "reach", "called", "lines", "document", "index_version", "is_listed", "standing",
)  # fmt: skip
_BARE: dict[str, Any] = {"name_en": None, "synonyms": [], "base_code": None, "implementation_code": None, "materials": [], "conditions": []}
DISTRICT = "511602000000"


def sample_shelf() -> Iterator[Shelved]:
    for local_code, content in sample_items().items():
        yield local_code, ItemContent.model_validate(content)


def real_shelf(folder: Path) -> Iterator[Shelved]:
    """The 1,135 items of the district, by name and department; nothing else is known of them."""
    with (folder / "items_guangan_511602.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            authority = {"code": f"11511602DEM{int.from_bytes(row['department'].encode(), 'big') % 10**7:07d}", "name": row["department"]}
            yield row["sc_item_code"][:64], ItemContent.model_validate(item(name=row["name"][:200], authority=authority, **_BARE))


def many(names: list[Shelved], count: int) -> Iterator[Shelved]:
    """That many items: the same in one district after another, each district with departments of its own and its own suffixes."""
    for at in range(count):
        district, (local_code, content) = at // len(names), names[at % len(names)]
        region = f"{510000 + 100 * (1 + district % 21) + 1 + district // 21}000000" if district else DISTRICT
        authority = content.authority.model_copy(update={"code": f"{district:06d}{content.authority.code[6:]}"})
        name = content.name if district % 3 != 2 else f"{content.name}（{'县级' if at % 2 else '市级'}权限）"
        yield (
            f"{district}-{local_code}"[:64] if district else local_code,
            content.model_copy(update={"name": name, "region_code": region, "authority": authority}),
        )


async def fill(dsn: str, shelved: Iterable[Shelved]) -> int:
    """Regions, items and terms; answers how many items."""
    everything = list(shelved)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.copy_records_to_table("regions", columns=("code", "name", "level", "parent_code"), records=_regions(everything))
        rows = [_row(local_code, content) for local_code, content in everything]
        columns = ", ".join(_ITEM_COLUMNS)
        await connection.execute(f"CREATE TEMP TABLE filling AS SELECT {columns} FROM items WITH NO DATA")
        await connection.execute("ALTER TABLE filling ALTER document TYPE text")  # by COPY a tsvector would have to come in binary
        await connection.copy_records_to_table("filling", columns=_ITEM_COLUMNS, records=rows)
        filled = columns.replace("document", "document::tsvector")
        await connection.execute(f"INSERT INTO items ({columns}) SELECT {filled} FROM filling")
        indexes = await connection.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_item_terms_%'")
        for index in indexes:  # built at the end: adding to them row by row takes several times longer
            await connection.execute(f"DROP INDEX {index['indexname']}")
        numbers = dict(await connection.fetch("SELECT local_code, item_no FROM items"))
        terms = (
            (numbers[local_code], content.region_code, term, impact)
            for local_code, content in everything
            for term, impact in _entry(local_code, content).terms.items()
        )
        await connection.copy_records_to_table("item_terms", columns=("item_no", "region_code", "term", "impact"), records=terms)
        for index in indexes:
            await connection.execute(index["indexdef"])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return len(everything)


def _regions(shelved: list[Shelved]) -> list[tuple[str, str, int, None]]:
    city = {region.code: region.name for region in load_city().regions}
    codes = {*city, *(content.region_code for _, content in shelved)}
    return [(code, city.get(code, code), 3, None) for code in sorted(codes)]


def _row(local_code: str, content: ItemContent) -> tuple[Any, ...]:
    entry, filtered = _entry(local_code, content), filtered_by(content)
    summary = content.model_dump(mode="json", include={"name", "name_en", "authority", "item_type", "kind", "promised_limit"})
    return (
        local_code, uuid4(), 1, b"", orjson.dumps(summary).decode(), filtered["region_code"], filtered["authority_code"],
        filtered["service_objects"], filtered["channels"], filtered["reach"], entry.called, entry.lines, entry.document, INDEX_VERSION,
        True, "active",
    )  # fmt: skip


def _entry(local_code: str, content: ItemContent) -> IndexEntry:
    """As `index_entry`, which is asked once for each name: the copies differ by their codes."""
    if content.synonyms or content.materials:
        return index_entry(local_code, content)
    of_name = _entry_of_name(content.name, content)
    code = index_entry_code(local_code)
    return replace(of_name, lines=[of_name.lines[0], f"{code}\t\t\t {code}"], terms={**of_name.terms, code: 1000})


def index_entry_code(local_code: str) -> str:
    return "".join(character for character in local_code.casefold() if character.isalnum())


_ENTRIES: dict[str, IndexEntry] = {}


def _entry_of_name(name: str, content: ItemContent) -> IndexEntry:
    if name not in _ENTRIES:
        _ENTRIES[name] = index_entry("0", content)
    found = _ENTRIES[name]
    return replace(found, terms={term: impact for term, impact in found.terms.items() if term != "0"})
