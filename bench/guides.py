"""Reading a guide: from memory and from the database, beside the no-op of the bare framework and of the chassis."""

import asyncio
from multiprocessing.synchronize import Event as Stop
from pathlib import Path

from bench.figures import Figure
from bench.http import CONNECTIONS, Server, measure, serve_bare, serve_toy
from bus.postgres import PostgresBus
from chassis.clock import SystemClock
from chassis.crypto import new_master_key
from chassis.database import Database
from chassis.migrations import upgrade
from host.stack.postgres import EmbeddedPostgres
from services.catalog.app import create_app
from services.catalog.commands.load_regions import Region, load_regions
from services.catalog.commands.publish_version import Provenance, publish_version
from services.catalog.rules.content import ItemContent
from services.catalog.settings import CatalogSettings
from tests.catalog.sample import sample_items
from tests.support.tokens import Issuer

ITEM = "food-business-permit"
GUIDE = f"/api/catalog/v1/items/{ITEM}"
ROUNDS = 5
REQUESTS = 6_000
POOL = 8


async def _serve_catalog(port: int, stop: Stop, dsn: str) -> None:
    from host.serving import serving

    settings = CatalogSettings(database_url=dsn, master_key=new_master_key(), run_relay=False, run_consumers=False, log_level="WARNING")
    async with serving(create_app(settings, bus=PostgresBus(dsn, application_name="bench")), port):
        await asyncio.to_thread(stop.wait)


async def measure_guides(scratch: Path) -> list[Figure]:
    """CPU of the serving process per request, the least of rounds in turn: whatever else a machine does only adds."""
    async with EmbeddedPostgres(scratch / "postgres") as server:
        await server.ensure_databases(["guides"])
        dsn = server.dsn("guides")
        await upgrade("catalog", dsn)
        await _publish(dsn)
        catalog = Server(_serve_catalog, dsn)
        servers = [Server(serve_bare), Server(serve_toy, Issuer().jwks()), catalog]
        try:
            await catalog.ready(GUIDE)
            return await _figures(servers[0], servers[1], catalog)
        finally:
            for one in servers:
                one.close()


async def _publish(dsn: str) -> None:
    """The sample city's permit for food businesses, whose guide has everything a guide has."""
    content = ItemContent.model_validate(sample_items()[ITEM])
    database = Database(dsn, service="catalog", clock=SystemClock())
    try:
        async with database.write() as tx:
            await load_regions([Region(content.region_code, "广安区", 3, None)], tx)
            provenance = Provenance("loaded", [], None, "bench")
            await publish_version(ITEM, content, tx, begins=None, provenance=provenance)
    finally:
        await database.close()


async def _figures(bare: Server, toy: Server, catalog: Server) -> list[Figure]:
    asked: dict[str, tuple[Server, str, dict[str, str] | None, int, int]] = {
        "framework no-op": (bare, "/noop", None, REQUESTS, CONNECTIONS),
        "chassis no-op": (toy, "/api/bench/v1/noop", None, REQUESTS, CONNECTIONS),
        "guide, from memory": (catalog, GUIDE, None, REQUESTS, CONNECTIONS),
        "guide, not changed (304)": (catalog, GUIDE, {"If-None-Match": "*"}, REQUESTS, CONNECTIONS),
        "guide as a page, from memory": (catalog, f"{GUIDE}/guide", None, REQUESTS, CONNECTIONS),
        "guide, from the database": (catalog, f"{GUIDE}?not_kept=1", None, REQUESTS // 10, POOL),
    }
    rounds: dict[str, list[tuple[float, float, float, int]]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (server, path, headers, requests, connections) in asked.items():
            rounds[name].append(await measure(server, path, headers, requests=requests, connections=connections))
    noop = _least(rounds["framework no-op"])
    figures = []
    for name, measured in rounds.items():
        rate, cpu, median, _ = _least(measured)
        failures = sum(one[3] for one in measured)
        note = f"{rate:,.0f}/s, p50 {median:.1f} ms" + (f", {failures} FAILED" if failures else "")
        goal = "≤ 1.10× the no-op" if name == "guide, from memory" else ""
        figures.append(Figure(name, cpu, "µs CPU/request", cpu / noop[1], goal=goal, note=note))
    return figures


def _least(rounds: list[tuple[float, float, float, int]]) -> tuple[float, float, float, int]:
    """The round that cost least."""
    return min(rounds, key=lambda one: one[1])
