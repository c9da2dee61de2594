"""The working-day calendar over HTTP, across National Day 2026."""

from typing import Any

import httpx
import pytest

from host import city_bodies
from host.sample_city.loading import load_city
from tests.support.service import ServiceUnderTest


def notice() -> dict[str, Any]:
    return city_bodies.calendar_years(load_city())[2026]


async def load(catalog: ServiceUnderTest, body: dict[str, Any], year: int = 2026) -> httpx.Response:
    return await catalog.http.put(f"/calendar/{year}", json=body, headers=catalog.as_("service", "catalog.admin"))


async def due(catalog: ServiceUnderTest, **query: Any) -> Any:
    answer = await catalog.http.get("/calendar/due", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_notice_is_loaded_once_corrected_and_told_each_time(catalog: ServiceUnderTest) -> None:
    first, again = await load(catalog, notice()), await load(catalog, notice())
    corrected = await load(catalog, {**notice(), "source": "更正"})
    assert [answer.status_code for answer in (first, again, corrected)] == [201, 200, 200]
    events = await catalog.emitted("tongban.catalog.calendar.loaded.v1")
    assert [(event["year"], event["source"]) for event in events] == [(2026, notice()["source"]), (2026, "更正")]
    assert events[0]["holidays"] == notice()["holidays"]
    assert (await catalog.http.get("/calendar/2026")).json() == {"year": 2026, **notice(), "source": "更正"}


async def test_a_limit_is_counted_across_national_day(catalog: ServiceUnderTest) -> None:
    await load(catalog, notice())
    found = await due(catalog, start="2026-09-28", days=8)
    assert found == {"start": "2026-09-28", "days": 8, "unit": "working_day", "due_on": "2026-10-14", "is_provisional": False}


async def test_calendar_days_end_on_a_working_day(catalog: ServiceUnderTest) -> None:
    await load(catalog, notice())
    assert (await due(catalog, start="2026-09-28", days=5, unit="calendar_day"))["due_on"] == "2026-10-08"


async def test_a_limit_into_a_year_without_a_notice_is_provisional(catalog: ServiceUnderTest) -> None:
    await load(catalog, notice())
    assert (await due(catalog, start="2026-12-30", days=3))["is_provisional"]
    assert not (await due(catalog, start="2026-12-01", days=3))["is_provisional"]


async def test_a_year_that_is_not_loaded_is_not_found(catalog: ServiceUnderTest) -> None:
    answer = await catalog.http.get("/calendar/2031")
    assert (answer.status_code, answer.json()["year"]) == (404, 2031)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"holidays": ["2025-10-01"]}, "/holidays/0", "day-of-another-year"),
        ({"holidays": ["2026-10-01"], "workdays": ["2026-10-01"]}, "/workdays/0", "day-of-both-kinds"),
    ],
)
async def test_a_notice_that_contradicts_itself_is_refused(
    catalog: ServiceUnderTest, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await load(catalog, {**notice(), **change})
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert (await catalog.http.get("/calendar/2026")).status_code == 404


@pytest.mark.parametrize(
    "query",
    [{}, {"start": "2026-02-30", "days": 1}, {"start": "2026-02-03", "days": -1}, {"start": "0001-01-01", "days": 1},
     {"start": "2026-02-03", "days": 10**12}, {"start": "2026-02-03", "days": 1, "unit": "moon"}],
)  # fmt: skip
async def test_a_question_of_the_wrong_shape_is_refused(catalog: ServiceUnderTest, query: dict[str, Any]) -> None:
    assert (await catalog.http.get("/calendar/due", params=query)).status_code == 422


async def test_what_comes_on_a_day_off_or_after_hours_counts_from_the_next_working_day(catalog: ServiceUnderTest) -> None:
    await load(catalog, notice())

    async def counted(received_at: str, **query: Any) -> tuple[str, str, bool]:
        query = {"received_at": received_at, "days": 1, **query}
        found = (await catalog.http.get("/calendar/due-from-moment", params=query)).json()
        return found["received_on"], found["due_on"], found["is_provisional"]

    assert await counted("2026-09-30T17:29:59+08:00") == ("2026-09-30", "2026-10-08", False)
    assert await counted("2026-09-30T17:30:00+08:00") == ("2026-10-08", "2026-10-09", False)
    assert await counted("2026-09-30T09:00:00Z", closes_at="17:00") == ("2026-10-08", "2026-10-09", False), "17:00 in the city"
    assert await counted("2026-10-10T10:00:00+08:00") == ("2026-10-10", "2026-10-12", False), "a Saturday worked"
    assert await counted("2026-12-31T20:00:00+08:00") == ("2027-01-01", "2027-01-04", True)
    for wrong in ({"received_at": "1999-01-01T00:00:00Z"}, {"received_at": "2026-01-01T00:00:00Z", "closes_at": "17:00+08:00"}):
        assert (await catalog.http.get("/calendar/due-from-moment", params={"days": 1, **wrong})).status_code == 422


async def test_working_days_between_two_days_are_counted_both_ways(catalog: ServiceUnderTest) -> None:
    await load(catalog, notice())

    async def between(start: str, end: str) -> tuple[int, bool]:
        found = (await catalog.http.get("/calendar/between", params={"start": start, "end": end})).json()
        return found["working_days"], found["is_provisional"]

    assert await between("2025-12-31", "2026-12-31") == (248, False)
    assert await between("2026-10-10", "2026-09-30") == (-3, False)
    assert await between("2026-12-31", "2027-01-04") == (2, True)


async def test_loaded_years_are_listed(catalog: ServiceUnderTest) -> None:
    await load(catalog, {"holidays": [], "workdays": [], "source": "x"}, 2025)
    await load(catalog, notice())
    first = (await catalog.http.get("/calendar", params={"limit": 1})).json()
    second = (await catalog.http.get("/calendar", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [page["data"][0]["year"] for page in (first, second)] == [2025, 2026] and second["next_cursor"] is None
