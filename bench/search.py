"""Finding items: how well on the evaluation set, and how fast while typing, at 9,000 and at 100,000 items.

Items are the real district's where `TONGBAN_REAL_DATA` names them, else the sample city's; the larger catalogs repeat them in one
district after another, each with departments of its own. Every beginning of every query is asked, as typing does.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
import gc
from pathlib import Path
import time

import httpx

from bench.figures import Figure, percentile
from bus.postgres import PostgresBus
from chassis.crypto import new_master_key
from chassis.logs import configure_logs
from chassis.migrations import upgrade
from host import city_bodies
from host.sample_city.loading import load_city
from host.stack.postgres import EmbeddedPostgres
from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.catalog.search.evaluation import Quality, evaluate, queries, real_data
from tests.catalog.search.shelf import DISTRICT, Shelved, fill, many, real_shelf, sample_shelf

SIZES = (9_000, 100_000)
_PLACES = {"in a district": DISTRICT, "anywhere": None}


async def measure_search(scratch: Path) -> list[Figure]:
    """Quality on the sample city and the real district, then the time of suggestions while typing at each size."""
    configure_logs("ERROR", "json")
    folder = real_data()
    sample = list(sample_shelf())
    names = list(real_shelf(folder)) if folder else sample
    keys = {city_bodies.item_code(one): one.key for one in load_city().items}
    figures: list[Figure] = []
    async with EmbeddedPostgres(scratch / "postgres") as server:
        async with _catalog(server, "sample", sample) as http:
            figures += _quality("sample city", await _evaluated(http, "queries.csv", keys))
        if folder:
            async with _catalog(server, "district", names) as http:
                figures += _quality(f"real district, {len(names):,} items", await _evaluated(http, "queries_real.csv", {}))
        typed = _typed("queries_real.csv" if folder else "queries.csv")
        for size in SIZES:
            async with _catalog(server, f"size_{size}", list(many(names, size))) as http:
                if folder:
                    figures += _quality(f"{size:,} items, in a district", await _evaluated(http, "queries_real.csv", {}, region=DISTRICT))
                for place, region in _PLACES.items():
                    figures.append(await _timed(http, f"typing, {size:,} items, {place}", "/suggestions", typed, region))
                figures.append(await _timed(http, f"searching, {size:,} items, anywhere", "/items", typed, None))
    return figures


def _typed(file: str) -> list[str]:
    """Every beginning of every query, each once."""
    return list(dict.fromkeys(one.query[:length] for one in queries(file) for length in range(1, len(one.query) + 1)))


def _quality(name: str, quality: Quality) -> list[Figure]:
    note = f"{len(quality.outcomes)} queries; missed: {', '.join(quality.missed) or 'none'}"
    return [
        Figure(f"recall@5, {name}", quality.recall, "share", goal="≥ 0.95", note=note),
        Figure(f"MRR, {name}", quality.mean_reciprocal_rank, "", goal="≥ 0.80"),
    ]


async def _evaluated(http: httpx.AsyncClient, file: str, keys: dict[str, str], *, region: str | None = None) -> Quality:
    async def search(query: str) -> list[str]:
        asked = {"q": query, "limit": "50", **({"region": region} if region else {})}
        return [keys.get(one["local_code"], one["name"]) for one in (await http.get("/items", params=asked)).json()["data"]]

    return await evaluate(queries(file), search)


async def _timed(http: httpx.AsyncClient, name: str, path: str, typed: Sequence[str], region: str | None) -> Figure:
    """Milliseconds of the service's whole answer, one question after another."""
    taken = []
    gc.collect()
    for text in typed:
        asked = {"q": text, **({"region": region} if region else {})}
        began = time.perf_counter()
        answer = await http.get(path, params=asked)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.text
    slowest = typed[taken.index(max(taken))]
    note = f"p50 {percentile(taken, 0.5):.1f} ms, slowest {max(taken):.0f} ms ({slowest}), {len(typed):,} questions"
    return Figure(name, percentile(taken, 0.99), "ms p99", goal="≤ 30 at 9,000", note=note)


@asynccontextmanager
async def _catalog(server: EmbeddedPostgres, name: str, shelf: Sequence[Shelved]) -> AsyncIterator[httpx.AsyncClient]:
    """The service on a database of its own, filled and warm."""
    await server.ensure_databases([name])
    dsn = server.dsn(name)
    await upgrade("catalog", dsn)
    await fill(dsn, shelf)
    settings = CatalogSettings(database_url=dsn, master_key=new_master_key(), run_relay=False, run_consumers=False, log_level="ERROR")
    app = create_app(settings, bus=PostgresBus(dsn, application_name="bench"))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bench/api/catalog/v1", timeout=60) as http:
            for text in ("护照", "kaifan", "开饭店"):
                await http.get("/suggestions", params={"q": text})
            yield http
