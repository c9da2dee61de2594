"""The log's tables and every statement on them.

Invariants:
- offsets are given under the lock of the partition's row, held until commit: offset order is commit order, without gaps,
  and a reader never sees an offset before all smaller ones;
- rows of `partition` are locked in one order, so appenders never deadlock;
- `position.epoch` grows whenever a partition changes hands or is rewound: an old owner can no longer commit.
"""

SCHEMA_VERSION = 1

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS tongban_bus;
CREATE TABLE IF NOT EXISTS tongban_bus.version (version int PRIMARY KEY);
CREATE TABLE tongban_bus.topic (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    partitions int NOT NULL CHECK (partitions > 0)
);
CREATE TABLE tongban_bus.partition (
    topic_id int NOT NULL REFERENCES tongban_bus.topic,
    number int NOT NULL,
    first_offset bigint NOT NULL DEFAULT 0,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, number)
) WITH (fillfactor = 50);
CREATE TABLE tongban_bus.record (
    topic_id int NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL,
    headers text NOT NULL,
    written_at bigint NOT NULL,
    PRIMARY KEY (topic_id, partition, "offset")
);
CREATE TABLE tongban_bus.reader (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_name text NOT NULL,
    topic text NOT NULL,
    UNIQUE (group_name, topic)
);
CREATE TABLE tongban_bus.position (
    reader_id int NOT NULL REFERENCES tongban_bus.reader,
    partition int NOT NULL,
    committed bigint NOT NULL,
    epoch bigint NOT NULL,
    PRIMARY KEY (reader_id, partition)
) WITH (fillfactor = 50);
CREATE SEQUENCE tongban_bus.member AS int CYCLE;
"""

SCHEMA_LOCK = "SELECT pg_advisory_xact_lock(hashtext('tongban_bus.schema'))"
SCHEMA_PRESENT = "SELECT to_regclass('tongban_bus.version') IS NOT NULL"
SCHEMA_READ = "SELECT max(version) FROM tongban_bus.version"
SCHEMA_WRITE = "INSERT INTO tongban_bus.version VALUES ($1)"

TOPICS = "SELECT id, name, partitions FROM tongban_bus.topic"

CREATE_TOPICS = """
WITH created AS (
    INSERT INTO tongban_bus.topic (name, partitions) SELECT * FROM unnest($1::text[], $2::int[]) ORDER BY 1
    ON CONFLICT (name) DO NOTHING RETURNING id, partitions
)
INSERT INTO tongban_bus.partition (topic_id, number) SELECT id, generate_series(0, partitions - 1) FROM created
"""

APPEND = """
WITH incoming AS (
    SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::bytea[], $5::text[])
        WITH ORDINALITY AS i(topic_id, number, key, value, headers, place)
), counted AS (
    SELECT topic_id, number, count(*) AS records FROM incoming GROUP BY topic_id, number
), locked AS MATERIALIZED (
    SELECT topic_id, number, records FROM tongban_bus.partition JOIN counted USING (topic_id, number)
    ORDER BY topic_id, number FOR UPDATE OF partition
), moved AS (
    UPDATE tongban_bus.partition p SET next_offset = p.next_offset + l.records
    FROM locked l WHERE p.topic_id = l.topic_id AND p.number = l.number
    RETURNING p.topic_id, p.number, p.next_offset - l.records AS first
)
INSERT INTO tongban_bus.record (topic_id, partition, "offset", key, value, headers, written_at)
SELECT i.topic_id, i.number, m.first + row_number() OVER (PARTITION BY i.topic_id, i.number ORDER BY i.place) - 1,
    i.key, i.value, i.headers, floor(extract(epoch FROM clock_timestamp()) * 1000)
FROM incoming i JOIN moved m USING (topic_id, number)
"""

# The frame without an order reads the joined rows as they stream, partition after partition: the limits end the scan.
READ = """
SELECT topic_id, partition, "offset", key, value, headers, written_at FROM (
    SELECT r.*, sum(octet_length(r.value)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes
    FROM unnest($1::int[], $2::int[], $3::bigint[]) AS wanted(topic_id, partition, next)
    CROSS JOIN LATERAL (
        SELECT * FROM tongban_bus.record r
        WHERE r.topic_id = wanted.topic_id AND r.partition = wanted.partition AND r."offset" >= wanted.next
        ORDER BY r."offset" LIMIT $4
    ) r
    LIMIT $4
) streamed
WHERE bytes - octet_length(value) < $5
"""

# A lost position only means redelivery, so its commit need not wait for the disk.
COMMIT = """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE tongban_bus.position p SET committed = w.committed
FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) AS w(reader_id, partition, epoch, committed), quick
WHERE p.reader_id = w.reader_id AND p.partition = w.partition AND p.epoch = w.epoch
RETURNING p.reader_id, p.partition
"""

LAG = """
SELECT t.name, p.number, greatest(coalesce(o.committed, 0), p.first_offset) AS committed, p.next_offset
FROM tongban_bus.topic t
JOIN tongban_bus.partition p ON p.topic_id = t.id
LEFT JOIN tongban_bus.reader r ON r.group_name = $1 AND r.topic = t.name
LEFT JOIN tongban_bus.position o ON o.reader_id = r.id AND o.partition = p.number
WHERE t.name = ANY ($2::text[])
"""

REWIND = """
WITH target AS (
    SELECT p.number, CASE WHEN $3::bigint IS NOT NULL THEN least(greatest($3, p.first_offset), p.next_offset)
        ELSE coalesce((SELECT min("offset") FROM tongban_bus.record r
            WHERE r.topic_id = p.topic_id AND r.partition = p.number AND r.written_at >= $4::bigint), p.next_offset) END AS "offset"
    FROM tongban_bus.partition p JOIN tongban_bus.topic t ON t.id = p.topic_id WHERE t.name = $2
)
INSERT INTO tongban_bus.position AS o (reader_id, partition, committed, epoch) SELECT $1, number, "offset", 1 FROM target
ON CONFLICT (reader_id, partition) DO UPDATE SET committed = excluded.committed, epoch = o.epoch + 1
RETURNING partition, committed
"""

TRIM = """
WITH gone AS (
    DELETE FROM tongban_bus.record WHERE written_at < $1 RETURNING topic_id, partition, "offset"
), last AS (
    SELECT topic_id, partition, max("offset") + 1 AS first FROM gone GROUP BY topic_id, partition
), moved AS (
    UPDATE tongban_bus.partition p SET first_offset = greatest(p.first_offset, last.first)
    FROM last WHERE p.topic_id = last.topic_id AND p.number = last.partition
)
SELECT count(*) FROM gone
"""

# Advisory locks are pairs of numbers: (2 × reader, partition) is held by a partition's owner, (2 × reader + 1, member)
# by every member, both for as long as its process's session lives.

READER = """
WITH known AS (SELECT id FROM tongban_bus.reader WHERE group_name = $1 AND topic = $2), added AS (
    INSERT INTO tongban_bus.reader (group_name, topic) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (group_name, topic) DO UPDATE SET topic = excluded.topic RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM added
"""

NEW_MEMBER = "SELECT nextval('tongban_bus.member')::int"

JOIN = "SELECT pg_advisory_lock(2 * reader + 1, $2) FROM unnest($1::int[]) AS r(reader)"

LEAVE = "SELECT pg_advisory_unlock(2 * reader + 1, $2) FROM unnest($1::int[]) AS r(reader)"

MEMBERS = """
SELECT classid::bigint / 2 AS reader_id, objid::bigint AS member, pid = pg_backend_pid() AS is_own FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint % 2 = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid::bigint / 2 = ANY ($1::bigint[])
"""

EPOCHS = "SELECT reader_id, partition, epoch FROM tongban_bus.position WHERE reader_id = ANY ($1::int[])"

ACQUIRE = """
WITH locked AS MATERIALIZED (
    SELECT reader_id, partition FROM unnest($1::int[], $2::int[]) AS w(reader_id, partition)
    WHERE pg_try_advisory_lock(2 * reader_id, partition)
)
INSERT INTO tongban_bus.position AS o (reader_id, partition, committed, epoch) SELECT reader_id, partition, 0, 1 FROM locked
ON CONFLICT (reader_id, partition) DO UPDATE SET epoch = o.epoch + 1
RETURNING reader_id, partition, committed, epoch
"""

RELEASE = "SELECT pg_advisory_unlock(2 * reader_id, partition) FROM unnest($1::int[], $2::int[]) AS w(reader_id, partition)"

NOTIFY_RECORDS = "SELECT pg_notify('tongban_bus_records', topic) FROM unnest($1::text[]) AS t(topic)"

NOTIFY_GROUPS = "SELECT pg_notify('tongban_bus_groups', '')"
