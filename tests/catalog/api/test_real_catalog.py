"""A real district's 1,135 items as a base catalog: imported, imported again, and with sixty known changes."""

from collections import Counter
from typing import Any

import pytest

from services.catalog.rules.base_entry import read_entries
from services.catalog.rules.drift import differences
from services.catalog.sheets import read_sheet
from tests.catalog.base_files import decide_all, import_file
from tests.catalog.real_catalog import COLUMNS, EACH, REAL_FILE, needs_real_data, real_rows, seeded_edition
from tests.support.service import ServiceUnderTest

pytestmark = needs_real_data


def _codes(one: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return one["kind"], one["before"] and one["before"]["code"], one["after"] and one["after"]["code"]


async def _every_difference(service: ServiceUnderTest, admin: dict[str, str], number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        query = {"limit": "25", **cursor}
        page = (await service.http.get(f"/base-catalogs/sichuan/editions/{number}/differences", params=query, headers=admin)).json()
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def test_the_real_catalog_goes_in_once_and_sixty_seeded_changes_are_all_that_is_listed(
    catalog: ServiceUnderTest, admin: dict[str, str]
) -> None:
    content = REAL_FILE.read_bytes()
    first = await import_file(catalog, admin, content, column=COLUMNS)
    assert (first.status_code, first.json()["differences"]["kinds"]["added"]) == (201, 1135)
    assert (await decide_all(catalog, admin, 1, 1135)).json()["state"] == "finished"
    told = len(await catalog.emitted("tongban.catalog.base-entry.changed.v1"))
    assert told == 1135

    again = await import_file(catalog, admin, content, column=COLUMNS)
    assert (again.status_code, again.json()["number"], again.json()["state"]) == (200, 1, "finished")
    assert len(await catalog.emitted("tongban.catalog.base-entry.changed.v1")) == told

    seeded = seeded_edition(20260921)
    edition = (await import_file(catalog, admin, seeded.content, column=COLUMNS)).json()
    assert edition["differences"]["kinds"] == dict.fromkeys(("recoded", "renamed", "changed", "deleted", "added"), EACH)
    listed = await _every_difference(catalog, admin, 2)
    assert {_codes(one) for one in listed} == seeded.changes
    assert len(listed) == 60

    assert (await decide_all(catalog, admin, 2, 60)).json()["state"] == "finished"
    for kind, before, after in seeded.changes:
        if kind == "recoded":
            answer = await catalog.http.get(f"/base-catalogs/sichuan/entries/{before}")
            assert (answer.status_code, answer.headers["location"].endswith(f"/{after}")) == (308, True)
    same_content = await import_file(catalog, admin, seeded.content + b"\r\n", column=COLUMNS)
    assert (same_content.json()["number"], same_content.json()["state"]) == (3, "finished")


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_seeded_is_found_exactly(seed: int) -> None:
    columns = dict(pair.split("=") for pair in COLUMNS)
    current, _ = read_entries(read_sheet(REAL_FILE.read_bytes()), columns)
    seeded = seeded_edition(seed)
    edition, faults = read_entries(read_sheet(seeded.content), columns)
    assert faults == []
    found = differences(current, edition, {})
    listed = {(one.kind, one.before and one.before.code, one.after and one.after.code) for one in found}
    assert listed == seeded.changes


async def test_a_real_catalog_recoded_from_end_to_end_is_found_again(catalog: ServiceUnderTest, admin: dict[str, str]) -> None:
    columns = dict(pair.split("=") for pair in COLUMNS)
    current, _ = read_entries(read_sheet(REAL_FILE.read_bytes()), columns)
    content = REAL_FILE.read_text(encoding="utf-8-sig")
    for row in real_rows():
        content = content.replace(f",{row['sc_item_code']},", f",N-{row['sc_item_code']},", 1)
    edition, _ = read_entries(read_sheet(content.encode()), columns)
    found = differences(current, edition, {})
    assert Counter(one.kind for one in found) == {"recoded": 1135}
    wrong = [one for one in found if one.before and one.after and one.after.code != f"N-{one.before.code}"]
    assert [one for one in wrong if one.confidence > 0.5] == [], "only entries that read the same may be taken for one another"
