"""The whole country's regions and what became of them since 1980, by the way an operator loads them."""

from collections.abc import Awaitable, Callable
import csv
import io
import os
from pathlib import Path
import random
import time
from typing import Any

import pytest
from sqlalchemy import text

from host.catalog_places import load_regions, record_changes
from tests.support.service import ServiceUnderTest

_FOLDER = os.environ.get("TONGBAN_REAL_DATA", "")
DIVISIONS, CHANGES = Path(_FOLDER) / "divisions_l1_l4_2026.csv", Path(_FOLDER) / "division_changes_1980_2026.csv"
needs_real_data = pytest.mark.skipif(not _FOLDER or not DIVISIONS.exists(), reason="TONGBAN_REAL_DATA names no folder with the divisions")


class OperatorHere:
    """Calls the service as the operator's command does through the gateway."""

    def __init__(self, catalog: ServiceUnderTest) -> None:
        self._catalog = catalog

    async def call(self, method: str, path: str, *, expect: Any = (200,), **content: Any) -> Any:
        headers = self._catalog.as_("service", "catalog.admin")
        answer = await self._catalog.http.request(method, path.removeprefix("/api/catalog/v1"), headers=headers, **content)
        assert answer.status_code in expect, answer.text
        return answer


async def timed(what: str, work: Callable[[], Awaitable[None]]) -> None:
    began = time.monotonic()
    await work()
    print(f"{what}: {time.monotonic() - began:.1f} s")


@needs_real_data
@pytest.mark.timeout(600)  # the whole country twice, on a machine that may be busy
async def test_the_country_and_its_history_are_loaded_and_every_old_code_leads_on(catalog: ServiceUnderTest) -> None:
    operator: Any = OperatorHere(catalog)
    await timed("41,963 divisions", lambda: load_regions(operator, DIVISIONS, print))
    await timed("5,276 changes", lambda: record_changes(operator, CHANGES, print))
    # A code that was given up and given again is one that ended, until today's list, which has the last word, is loaded after the history.
    await timed("today's list after its history", lambda: load_regions(operator, DIVISIONS, print))
    told = len(await catalog.emitted("tongban.catalog.region.changed.v1"))
    await timed("the same again", lambda: load_regions(operator, DIVISIONS, print))
    assert len(await catalog.emitted("tongban.catalog.region.changed.v1")) == told

    async with catalog.runtime.db.read() as tx:
        count = await tx.scalar(text("SELECT count(*) FROM regions"))
        ended = await tx.rows(text("SELECT code, name FROM regions WHERE ended_on IS NOT NULL"))
    assert (count, list(ended)) == (41_963, []), "no region of today is taken for one that ended"
    whole = (await catalog.http.get("/regions/110101001000")).json()
    assert whole["full_name"] == "北京市东城区东华门街道"
    yuechi = (await catalog.http.get("/regions/512923000000")).json()  # 512923 until 1993, 513621 until 1998
    assert [one["full_name"] for one in yuechi["now"]] == ["四川省广安市岳池县"]

    current = {row["code12"] for row in csv.DictReader(io.StringIO(DIVISIONS.read_text(encoding="utf-8-sig")))}
    rows = list(csv.DictReader(io.StringIO(CHANGES.read_text(encoding="utf-8-sig"))))
    former = sorted({row["old_code"] for row in rows if row["old_code"]} - current)
    found = [(await catalog.http.get(f"/regions/{code}")).json()["now"] for code in random.Random(7).sample(former, 100)]
    leads_on = sum(1 for now in found if now)
    print(f"of 100 codes of before, {leads_on} lead on")
    assert leads_on >= 90 and all(one["code"] in current for now in found for one in now)
