"""Every SQL statement of finding items.

Candidates come from `item_terms`, each term's best `most` by impact, so that the time a question takes does not grow with how
many items share a word; filters other than the region look at all of them. `rules.ranking` puts the candidates in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, bindparam, cast, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from chassis.database import ReadTx, WriteTx
from services.catalog.rules.finding import INDEX_VERSION, Alternative, IndexEntry, Question
from services.catalog.tables import item_terms, item_use, item_versions, items

MOST_OF_A_TERM = 500
_MOST_OF_A_BEGINNING = 3000
_MOST_ENDINGS = 60
_MOST_USED = 40
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search. `region_codes` are a place and those above it; None lets everything pass."""

    region_codes: tuple[str, ...] | None = None
    service_object: str | None = None
    channel: str | None = None
    reach: str | None = None
    authority: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether something beside the place is asked for."""
        return any((self.service_object, self.channel, self.reach, self.authority))

    def parameters(self) -> dict[str, Any]:
        return {
            "regions": list(self.region_codes) if self.region_codes is not None else None,
            "service_object": self.service_object,
            "channel": self.channel,
            "reach": self.reach,
            "authority": self.authority,
        }


_PASSES = """
    i.is_listed
    AND (CAST(:regions AS text[]) IS NULL OR i.region_code = ANY (CAST(:regions AS text[])))
    AND (CAST(:service_object AS text) IS NULL OR CAST(:service_object AS text) = ANY (i.service_objects))
    AND (CAST(:channel AS text) IS NULL OR CAST(:channel AS text) = ANY (i.channels))
    AND (CAST(:reach AS text) IS NULL OR i.reach = CAST(:reach AS text))
    AND (CAST(:authority AS text) IS NULL OR i.authority_code = CAST(:authority AS text))
"""

ENDINGS = text("""
    WITH RECURSIVE walk(beginning, term, step) AS (
        SELECT b.beginning, found.term, 1
        FROM unnest(CAST(:beginnings AS text[])) b(beginning)
        CROSS JOIN LATERAL (
            SELECT t.term FROM item_terms t
            WHERE t.term >= b.beginning COLLATE "C" AND t.term < (b.beginning || chr(1114111)) COLLATE "C" ORDER BY t.term LIMIT 1
        ) found
        UNION ALL
        SELECT w.beginning, found.term, w.step + 1
        FROM walk w
        CROSS JOIN LATERAL (
            SELECT t.term FROM item_terms t
            WHERE t.term > w.term COLLATE "C" AND t.term < (w.beginning || chr(1114111)) COLLATE "C" ORDER BY t.term LIMIT 1
        ) found
        WHERE w.step < :most
    )
    SELECT beginning, term FROM walk
""")

_EVERYWHERE = """
    CROSS JOIN LATERAL (
        SELECT t.item_no, t.impact FROM item_terms t WHERE t.term = a.term ORDER BY t.impact DESC, t.item_no LIMIT a.most
    ) found
"""
_HERE = """
    CROSS JOIN unnest(CAST(:regions AS text[])) place
    CROSS JOIN LATERAL (
        SELECT t.item_no, t.impact FROM item_terms t
        WHERE t.region_code = place AND t.term = a.term ORDER BY t.impact DESC, t.item_no LIMIT a.most
    ) found
"""
_NARROW = f"""
    CROSS JOIN LATERAL (SELECT t.item_no, t.impact FROM item_terms t JOIN items i USING (item_no) WHERE t.term = a.term AND {_PASSES}) found
"""


def _candidates(found: str) -> Any:
    return text(f"""
        WITH asked AS MATERIALIZED (
            SELECT * FROM unnest(CAST(:slots AS int[]), CAST(:terms AS text[]), CAST(:worths AS float8[]), CAST(:mosts AS int[]))
                AS a(slot, term, worth, most)
        ), uses AS MATERIALIZED (
            SELECT * FROM unnest(CAST(:readings AS int[]), CAST(:used_slots AS int[]), CAST(:weights AS float8[])) AS u(reading, slot, weight)
        ), used_most AS MATERIALIZED (
            SELECT i.item_no FROM item_use u JOIN items i USING (local_code) WHERE {_PASSES} ORDER BY u.heat DESC LIMIT {_MOST_USED}
        ), hits AS MATERIALIZED (
            SELECT slot, item_no, max(impact) AS impact
            FROM (
                SELECT a.slot, found.item_no, found.impact * a.worth AS impact FROM asked a {found}
                UNION ALL
                SELECT a.slot, t.item_no, t.impact * a.worth
                FROM used_most m CROSS JOIN asked a JOIN item_terms t ON t.item_no = m.item_no AND t.term = a.term
            ) every
            GROUP BY slot, item_no
        ), rarity AS MATERIALIZED (
            SELECT slot, count(*)::int AS items FROM hits GROUP BY slot
        ), best AS (
            SELECT item_no, max(score) AS score
            FROM (
                SELECT u.reading, h.item_no, sum(h.impact * u.weight / ln(r.items + 2)) AS score
                FROM hits h JOIN rarity r USING (slot) JOIN uses u USING (slot)
                GROUP BY u.reading, h.item_no
            ) by_reading
            GROUP BY item_no ORDER BY score DESC, item_no LIMIT :candidates
        )
        SELECT i.item_no, i.local_code, i.lines, use.heat,
            ARRAY(SELECT coalesce(r.items, 0) FROM generate_series(0, CAST(:last_slot AS int)) s(slot) LEFT JOIN rarity r USING (slot)
                ORDER BY slot) AS commonness
        FROM best JOIN items i USING (item_no) LEFT JOIN item_use use USING (local_code)
    """)


EVERYWHERE, HERE, NARROW = _candidates(_EVERYWHERE), _candidates(_HERE), _candidates(_NARROW)

SAYING = text(f"""
    SELECT i.item_no, i.local_code FROM items i LEFT JOIN item_use u USING (local_code)
    WHERE i.document @@ CAST(:every AS tsquery) AND {_PASSES}
    ORDER BY u.heat DESC NULLS LAST, i.local_code LIMIT :limit
""")

_LISTED = text(f"""
    SELECT i.local_code, i.version_id, i.version_number, i.region_code, i.summary, i.standing, 0 AS score
    FROM items i WHERE (CAST(:after AS text) IS NULL OR i.local_code > CAST(:after AS text)) AND {_PASSES}
    ORDER BY i.local_code LIMIT :limit
""")

_COUNTED = text(f"""
    WITH matching AS MATERIALIZED (
        SELECT i.region_code, i.authority_code, i.reach, i.service_objects, i.channels, i.summary #>> '{{authority,name}}' AS authority_name
        FROM items i WHERE (CAST(:item_nos AS int[]) IS NULL OR i.item_no = ANY (CAST(:item_nos AS int[]))) AND {_PASSES}
    )
    SELECT 'region' AS facet, m.region_code AS value, min(r.name) AS name, count(*)::int AS items
    FROM matching m JOIN regions r ON r.code = m.region_code GROUP BY 2
    UNION ALL SELECT 'authority', authority_code, min(authority_name), count(*)::int FROM matching GROUP BY 2
    UNION ALL SELECT 'reach', reach, NULL, count(*)::int FROM matching GROUP BY 2
    UNION ALL SELECT 'service_object', value, NULL, count(*)::int FROM matching, unnest(service_objects) value GROUP BY 2
    UNION ALL SELECT 'channel', value, NULL, count(*)::int FROM matching, unnest(channels) value GROUP BY 2
    UNION ALL SELECT 'all', '', NULL, count(*)::int FROM matching
    ORDER BY 1, 4 DESC, 2
""")


_ADD_TERMS = text("""
    INSERT INTO item_terms (item_no, region_code, term, impact)
    SELECT CAST(:item_no AS int), CAST(:region AS text), term, impact
    FROM unnest(CAST(:terms AS text[]), CAST(:impacts AS int[])) AS t(term, impact)
""")


async def candidates(tx: ReadTx, question: Question, filters: Filters, *, limit: int) -> Sequence[RowMapping]:
    """Items that may be meant, in no order; each row has the commonness of every slot in `Question.alternatives`."""
    parameters = await candidate_parameters(tx, question, filters, limit=limit)
    statement = NARROW if filters.is_narrow else HERE if filters.region_codes is not None else EVERYWHERE
    return await tx.all(statement, parameters)


async def candidate_parameters(tx: ReadTx, question: Question, filters: Filters, *, limit: int) -> dict[str, Any]:
    """What the statements of candidates are told: beginnings are replaced by the terms that begin so."""
    slots = question.alternatives
    endings = await _endings(tx, [a for alternatives in slots for a in alternatives if a.is_beginning])
    asked: list[tuple[int, str, float, int]] = []
    for at, alternatives in enumerate(slots):
        for alternative in alternatives:
            terms = endings.get(alternative.term, []) if alternative.is_beginning else [alternative.term]
            most = min(MOST_OF_A_TERM, _MOST_OF_A_BEGINNING // max(1, len(terms)))
            asked += [(at, term, alternative.worth, max(most, limit) if limit > MOST_OF_A_TERM else most) for term in terms]
    place = {alternatives: at for at, alternatives in enumerate(slots)}
    uses = [
        (at, place[slot.alternatives], reading.worth * slot.worth / sum(s.worth for s in reading.slots))
        for at, reading in enumerate(question.readings)
        for slot in reading.slots
    ]
    return {
        "slots": [slot for slot, _, _, _ in asked],
        "terms": [term for _, term, _, _ in asked],
        "worths": [worth for _, _, worth, _ in asked],
        "mosts": [most for _, _, _, most in asked],
        "readings": [reading for reading, _, _ in uses],
        "used_slots": [slot for _, slot, _ in uses],
        "weights": [weight for _, _, weight in uses],
        "candidates": limit,
        "last_slot": len(slots) - 1,
        **filters.parameters(),
    }


async def _endings(tx: ReadTx, beginnings: Sequence[Alternative]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if beginnings:
        for row in await tx.rows(ENDINGS, {"beginnings": sorted({b.term for b in beginnings}), "most": _MOST_ENDINGS}):
            found.setdefault(row.beginning, []).append(row.term)
    return found


async def items_saying(tx: ReadTx, every: str, filters: Filters, *, limit: int) -> Sequence[RowMapping]:
    """Items whose guide has every term somewhere; those asked for most first."""
    return await tx.all(SAYING, {"every": every, "limit": limit, **filters.parameters()})


async def list_items(tx: ReadTx, filters: Filters, *, after: str | None, limit: int) -> Sequence[RowMapping]:
    """Current items by local code, each with a `score` of 0."""
    return await tx.all(_LISTED, {"after": after, "limit": limit, **filters.parameters()})


async def summaries(tx: ReadTx, item_nos: Sequence[int]) -> dict[int, RowMapping]:
    """What a list shows of items, by number."""
    columns = (
        items.c.item_no,
        items.c.local_code,
        items.c.version_id,
        items.c.version_number,
        items.c.region_code,
        items.c.summary,
        items.c.standing,
    )
    rows = await tx.all(select(*columns, items.c.called).where(items.c.item_no == func.any(bindparam("nos"))), {"nos": list(item_nos)})
    return {row["item_no"]: row for row in rows}


async def count_facets(tx: ReadTx, item_nos: Sequence[int] | None, filters: Filters) -> Sequence[RowMapping]:
    """Rows of facet, value, name (of places and departments), items; the facet `all` counts them once."""
    return await tx.all(_COUNTED, {"item_nos": list(item_nos) if item_nos is not None else None, **filters.parameters()})


async def save_index_entry(tx: WriteTx, local_code: str, entry: IndexEntry, filtered: Mapping[str, Any]) -> None:
    """Put the item's entry in the place of the one it has. The caller holds the item's lock."""
    item_no: int = await tx.scalar(
        update(items)
        .where(items.c.local_code == local_code)
        .values(called=entry.called, lines=entry.lines, document=cast(entry.document, TSVECTOR), index_version=INDEX_VERSION, **filtered)
        .returning(items.c.item_no)
    )
    await tx.execute(delete(item_terms).where(item_terms.c.item_no == item_no))
    terms = {"terms": list(entry.terms), "impacts": list(entry.terms.values())}
    await tx.execute(_ADD_TERMS, {"item_no": item_no, "region": filtered["region_code"], **terms})


async def remove_index_entry(tx: WriteTx, local_code: str) -> None:
    """The item is found no more. The caller holds its lock."""
    item_no: int = await tx.scalar(
        update(items).where(items.c.local_code == local_code).values(is_listed=False, index_version=0).returning(items.c.item_no)
    )
    await tx.execute(delete(item_terms).where(item_terms.c.item_no == item_no))


async def lock_item_indexed_before(tx: WriteTx, version: int) -> RowMapping | None:
    """One item whose entry is older than the version, with its content; None when there is none that nobody else works on."""
    return await tx.one_or_none(
        select(items.c.local_code, item_versions.c.content)
        .join(item_versions, item_versions.c.id == items.c.version_id)
        .where(items.c.index_version < version, items.c.is_listed)
        .order_by(items.c.index_version)
        .limit(1)
        .with_for_update(of=items, skip_locked=True)
    )


async def lock_heat(tx: WriteTx, local_code: str) -> float | None:
    """Wait for the right to change the item's heat."""
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"heat:{local_code}", 0))))
    heat: float | None = await tx.scalar(select(item_use.c.heat).where(item_use.c.local_code == local_code))
    return heat


async def save_heat(tx: WriteTx, local_code: str, heat: float) -> None:
    values = {"heat": heat}
    await tx.execute(
        insert(item_use).values(local_code=local_code, **values).on_conflict_do_update(index_elements=["local_code"], set_=values)
    )
