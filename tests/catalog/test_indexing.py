"""Items published before the index knew what it knows today are indexed when the service starts."""

from typing import Any
from uuid import uuid4

import asyncpg
import orjson
from sqlalchemy import text

from chassis.migrations import upgrade
from services.catalog.app import create_app
from services.catalog.rules.content import ItemContent
from services.catalog.settings import CatalogSettings
from tests.catalog.sample import item
from tests.support.service import running_service
from tests.support.waiting import until


async def publish_as_the_first_release_did(dsn: str, local_code: str, content: dict[str, Any]) -> None:
    connection = await asyncpg.connect(dsn)
    version, written = uuid4(), orjson.dumps(ItemContent.model_validate(content).model_dump(mode="json", exclude={"reach"})).decode()
    summary = {name: content[name] for name in ("name", "name_en", "authority", "item_type", "kind", "promised_limit")}
    await connection.execute("INSERT INTO regions VALUES ('511602000000', '广安区', 3, NULL) ON CONFLICT DO NOTHING")
    await connection.execute(
        "INSERT INTO items (local_code, version_id, version_number, digest, region_code, summary, phrases, readings, document)"
        " VALUES ($1, $2, 1, '', '511602000000', $3, '{}', '{}', '')",
        local_code, version, orjson.dumps(summary).decode(),
    )  # fmt: skip
    await connection.execute("INSERT INTO item_versions VALUES ($1, $2, 1, $3, now(), 'test')", version, local_code, written)
    await connection.close()


async def test_items_of_an_older_release_are_found_after_the_upgrade(fresh_database: Any) -> None:
    dsn = fresh_database("catalog_upgraded")
    await upgrade("catalog", dsn, "0001")
    for at in range(3):
        await publish_as_the_first_release_did(dsn, f"item-{at}", item())
    await upgrade("catalog", dsn)
    async with running_service(create_app, CatalogSettings, database_url=dsn) as service:

        async def are_all_indexed() -> bool:
            async with service.runtime.db.read() as tx:
                return not await tx.all(text("SELECT 1 FROM items WHERE index_version = 0"))

        await until(are_all_indexed)  # the service does it while it answers
        for query in ({"q": "kaifandian"}, {"q": "开饭店", "channel": "1", "reach": "county", "region": "511602000000"}):
            found = (await service.http.get("/items", params=query)).json()["data"]
            assert [one["local_code"] for one in found] == ["item-0", "item-1", "item-2"]


async def test_a_new_version_is_found_by_its_own_words_and_no_longer_by_the_old(catalog: Any, publish: Any) -> None:
    assert (await publish("item", item(synonyms=["甲乙丙铺子"]))).status_code == 201
    assert (
        await publish(
            "item", item(name="出租汽车许可", name_en=None, synonyms=[], materials=[], legal_basis=[{"law": "条例", "article": ""}])
        )
    ).status_code == 201

    async def found(query: str) -> list[str]:
        return [one["local_code"] for one in (await catalog.http.get("/items", params={"q": query})).json()["data"]]

    assert await found("出租汽车") == ["item"]
    assert await found("食品经营") == []
    assert await found("甲乙丙") == []
