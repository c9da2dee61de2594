"""A whole service with relay and consumers: it starts whatever is away, accepts writes, drains and stops; and its settings."""

from datetime import UTC, date, datetime, timedelta
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from bus import Record
from bus.postgres import PostgresBus
from chassis import audit
from chassis.clock import OffsetClock, SystemClock, local_day
from chassis.crypto import new_master_key
from chassis.settings import with_database
from chassis.tokens import actor_from_claims
from tests.chassis.toy.app import CONSUMERS, ORDERS_TOPIC, ToySettings, create_app, order_headers
from tests.support.clock import ManualClock
from tests.support.peers import Peers, answer
from tests.support.service import MONDAY_MORNING, ServiceUnderTest, running_service
from tests.support.tokens import Issuer
from tests.support.waiting import until


async def test_an_order_becomes_an_effect_and_its_event_is_on_the_bus(toy_database: str) -> None:
    async with running_service(
        create_app, ToySettings, database_url=toy_database, consumers=CONSUMERS, run_relay=True, run_consumers=True
    ) as toy:
        bus = toy.runtime.bus
        await bus.start()
        await bus.ensure_topics({ORDERS_TOPIC: 6})
        await bus.publish([Record(ORDERS_TOPIC, "a", b'{"number": 1}', tuple(order_headers(str(uuid4()))))])
        await until(lambda: _is_published(toy))
    await bus.stop()


async def _is_published(toy: ServiceUnderTest) -> bool:
    async with toy.runtime.db.read() as tx:
        return bool(await tx.scalar(text("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL")))


async def test_with_the_bus_away_a_service_starts_accepts_writes_and_stops(toy_database: str) -> None:
    issuer, peers = Issuer(), Peers()
    peers.on("GET", "identity", "/jwks", lambda _: answer(issuer.jwks()))
    settings = ToySettings(database_url=toy_database, master_key=new_master_key())
    app = create_app(settings, bus=PostgresBus("postgresql://127.0.0.1:1/nothing", application_name="tests"), transport=peers)
    began = time.monotonic()
    here = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://tests")
    async with app.router.lifespan_context(app), here as http:
        headers = {"Authorization": f"Bearer {issuer.token('person', 'toy.make')}"}
        assert (await http.post("/api/toy/v1/things", json={"name": "box"}, headers=headers)).status_code == 201
        assert (await http.get("/readyz")).status_code == 200
    assert time.monotonic() - began < settings.drain_seconds


async def test_a_service_that_drains_says_it_is_not_ready(toy: ServiceUnderTest) -> None:
    toy.runtime.is_draining = True
    found = await toy.http.get(f"{str(toy.http.base_url).split('/api/')[0]}/readyz")
    assert (found.status_code, found.json()["draining"]) == (503, True)


async def test_reads_of_personal_data_are_entered_with_reader_delegate_and_purpose(toy: ServiceUnderTest) -> None:
    company, clerk = uuid4(), uuid4()
    claims = {
        "sub": str(company), "actor_kind": "organisation", "client_id": "hall", "jti": "j", "exp": 1,
        "act": {"sub": str(clerk), "name": "张三"},
    }  # fmt: skip
    async with toy.runtime.db.write() as tx:
        await audit.record_read(tx, actor_from_claims(claims), subject="index", fields=["name", "code"], purpose="window.examine")
    async with toy.runtime.db.read() as reading:
        row = dict(
            await reading.one(
                text("SELECT reader, reader_kind, on_behalf_of, client_id, subject, fields, purpose FROM personal_data_reads")
            )
        )
    assert row == {
        "reader": str(clerk), "reader_kind": "organisation", "on_behalf_of": str(company), "client_id": "hall", "subject": "index",
        "fields": ["name", "code"], "purpose": "window.examine",
    }  # fmt: skip


def test_a_services_own_variable_wins_over_the_shared_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_DATABASE_POOL", "3")
    monkeypatch.setenv("TONGBAN_TOY_DATABASE_POOL", "5")
    monkeypatch.setenv("TONGBAN_BODY_BYTES", "77")
    monkeypatch.setenv("TONGBAN_OTHER_BODY_BYTES", "88")
    settings = ToySettings()
    assert (settings.database_pool, settings.body_bytes) == (5, 77)
    assert ToySettings(database_pool=9).database_pool == 9


def test_the_master_key_is_not_shown_when_settings_are() -> None:
    key = new_master_key()
    assert key not in repr(ToySettings(master_key=key))


def test_without_a_master_key_a_service_does_not_start() -> None:
    with pytest.raises(ValueError, match="tongban keys new"):
        create_app(ToySettings(database_url="postgresql://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("url", "own", "bus"),
    [
        ("postgresql://u:p@h:5432", "postgresql://u:p@h:5432/tongban_toy", "postgresql://u:p@h:5432/tongban_bus"),
        ("postgresql://h:5432/", "postgresql://h:5432/tongban_toy", "postgresql://h:5432/tongban_bus"),
        ("postgresql://h/mine?ssl=require", "postgresql://h/mine?ssl=require", "postgresql://h/tongban_bus?ssl=require"),
    ],
)
def test_each_service_has_a_database_of_its_own_unless_one_is_named(url: str, own: str, bus: str) -> None:
    settings = ToySettings(database_url=url)
    assert (settings.dsn, settings.bus_dsn) == (own, bus)
    assert with_database(url, "x", replace=True).split("?")[0].endswith("/x")


def test_clocks_agree_on_what_they_are_for() -> None:
    assert local_day(datetime(2026, 9, 30, 15, 59, tzinfo=UTC)) == date(2026, 9, 30)
    assert local_day(datetime(2026, 9, 30, 16, 0, tzinfo=UTC)) == date(2026, 10, 1)
    ahead = OffsetClock(timedelta(days=10)).now() - SystemClock().now()
    assert timedelta(days=9) < ahead < timedelta(days=11)
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))
    ids: list[Any] = [ManualClock(MONDAY_MORNING).new_id() for _ in range(100)]
    assert len(set(ids)) == 100 and {each.version for each in ids} == {7}
