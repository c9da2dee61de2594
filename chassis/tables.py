"""The tables every service's database has beside its own: outbox, inbox, dead letters, idempotency keys, reads of personal data.

Column names of `outbox` follow Debezium's outbox event router (`id`, `aggregatetype`, `aggregateid`, `type`, `payload`),
so that change data capture can take the relay's place. `seq` is the order of writing.
"""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata() -> MetaData:
    """A service's metadata with the chassis tables in it; the service adds its own tables to it."""
    metadata = MetaData(naming_convention=NAMING)
    for add in (_outbox, _inbox, _dead_letters, _idempotency_keys, _personal_data_reads):
        add(metadata)
    return metadata


def _outbox(metadata: MetaData) -> None:
    outbox = Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", UUID, nullable=False),
        Column("aggregatetype", Text, nullable=False),
        Column("aggregateid", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("published_at", DateTime(timezone=True)),
    )
    Index("ix_outbox_unpublished", outbox.c.seq, postgresql_where=outbox.c.published_at.is_(None))
    Index("ix_outbox_published_at", outbox.c.published_at, postgresql_where=outbox.c.published_at.is_not(None))


def _inbox(metadata: MetaData) -> None:
    Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        Column("handled_at", DateTime(timezone=True), nullable=False, index=True),
    )


def _dead_letters(metadata: MetaData) -> None:
    letters = Table(
        "dead_letters",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("error", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("parked_at", DateTime(timezone=True), nullable=False),
        Column("resolved_at", DateTime(timezone=True)),
        Column("copied_at", DateTime(timezone=True)),
    )
    Index("uq_dead_letters_consumer_event_id", letters.c.consumer, letters.c.event_id, unique=True)
    Index(
        "ix_dead_letters_parked", letters.c.consumer, letters.c.key, letters.c.id, postgresql_where=text("state IN ('parked', 'replaying')")
    )


def _idempotency_keys(metadata: MetaData) -> None:
    Table(
        "idempotency_keys",
        metadata,
        Column("owner", Text, primary_key=True),
        Column("operation", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    )


def _personal_data_reads(metadata: MetaData) -> None:
    Table(
        "personal_data_reads",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("read_at", DateTime(timezone=True), nullable=False),
        Column("reader", Text, nullable=False),
        Column("reader_kind", Text, nullable=False),
        Column("on_behalf_of", Text),
        Column("client_id", Text),
        Column("subject", Text, nullable=False, index=True),
        Column("fields", ARRAY(Text), nullable=False),
        Column("purpose", Text, nullable=False),
        Column("request_id", Text),
    )
