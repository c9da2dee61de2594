"""An item's state as its events tell it, and all of it anew."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.catalog.events import (
    AuthorityPart,
    DelegationPart,
    ItemFrozen,
    ItemPublished,
    ItemRestarted,
    ItemScheduled,
    ItemState,
    ItemWithdrawn,
    LimitPart,
    StandingPart,
    StepPart,
)
from services.catalog.rules.content import ItemContent
from services.catalog.store import lives


async def state_of(
    tx: ReadTx, local_code: str, item: ItemContent, *, version_id: UUID, number: int, published_at: datetime, effective_from: datetime
) -> dict[str, Any]:
    """The members of `events.ItemState`, with the standing recorded last and every delegation that has not ended."""
    statutory = item.statutory_limit
    standings = await lives.list_standings(tx, local_code)
    delegations = [row for row in await lives.delegations_of(tx, local_code) if row["ends_at"] > tx.now]
    return {
        "local_code": local_code,
        "base_code": item.base_code,
        "implementation_code": item.implementation_code,
        "version_id": version_id,
        "version_number": number,
        "name": item.name,
        "name_en": item.name_en,
        "authority": AuthorityPart(code=item.authority.code, name=item.authority.name),
        "region_code": item.region_code,
        "item_type": item.item_type,
        "kind": item.kind,
        "statutory_limit": LimitPart(days=statutory.days, unit=statutory.unit) if statutory else None,
        "promised_limit": LimitPart(days=item.promised_limit.days, unit=item.promised_limit.unit),
        "process": [StepPart(key=s.key, name=s.name, post=s.post, grade=s.grade, kind=s.kind) for s in item.process],
        "result_type_code": item.result_type_code,
        "result_validity_months": item.result_validity_months,
        "published_at": published_at,
        "effective_from": effective_from,
        "standing": _standing(standings[-1]) if standings else None,
        "delegations": _delegations(delegations),
    }


async def newest_state(tx: ReadTx, local_code: str) -> dict[str, Any]:
    """`state_of` the item's newest version, which there is."""
    row = await lives.newest_version(tx, local_code)
    assert row is not None
    return await state_of_row(tx, row)


async def state_of_row(tx: ReadTx, row: RowMapping) -> dict[str, Any]:
    """`state_of` a version's row with its content."""
    known = {"version_id": row["id"], "number": row["number"], "published_at": row["published_at"], "effective_from": row["effective_from"]}
    return await state_of(tx, row["local_code"], ItemContent.model_validate(row["content"]), **known)


async def life_told_anew(tx: ReadTx, local_code: str) -> list[ItemState]:
    """What brings a copy that knows nothing to how the item stands: what is in force, then what lies ahead, each as it was told first.

    A standing is told with the newest version, and is its event's own even where a later one is recorded.
    """
    life = await lives.life_at(tx, local_code, tx.now)
    assert life is not None
    told: list[ItemState] = []
    if life.version_id is not None:
        told.append(ItemPublished(**await state_of_row(tx, await lives.version_with_content(tx, life.version_id))))
    told.extend([ItemScheduled(**await state_of_row(tx, row)) for row in await lives.versions_ahead(tx, local_code)])
    stands = [row for row in await lives.list_standings(tx, local_code) if row["number"] == life.standing_number or row["since"] > tx.now]
    newest = await newest_state(tx, local_code) if stands else {}
    return told + [await _told_standing(tx, row, {**newest, "standing": _standing(row)}) for row in stands]


async def _told_standing(tx: ReadTx, row: RowMapping, state: dict[str, Any]) -> ItemState:
    if row["state"] == "frozen":
        return ItemFrozen(**state)
    asked = await lives.request(tx, row["request_id"])
    assert asked is not None  # the schema has every other standing begin with a request
    decided = {"request_id": asked["id"], "opinion": asked["opinion"]}
    return ItemRestarted(**state, **decided) if row["state"] == "active" else ItemWithdrawn(**state, **decided)


def _standing(row: RowMapping) -> StandingPart:
    return StandingPart(**{name: row[name] for name in ("state", "since", "reason", "document", "moved_to")})


def _delegations(rows: Iterable[RowMapping]) -> list[DelegationPart]:
    return [
        DelegationPart(
            id=row["id"],
            authority=AuthorityPart(code=row["authority_code"], name=row["authority_name"]),
            region_code=row["region_code"],
            document=row["document"],
            begins_at=row["begins_at"],
            ends_at=row["ends_at"],
        )
        for row in rows
    ]
