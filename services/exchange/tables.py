"""The tables of the exchange: the evidence log, and webhooks.

Evidence: `log_state` is one row (size and right edge), locked by whoever appends; `log_entries` and `log_nodes` only grow, and triggers
made by the migration refuse anything else. Webhooks: an event is kept once, a delivery per subscription; a lane is one aggregate's queue
to one subscriber, and exists while something waits in it. A dead delivery stops its lane.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.tables import service_metadata

metadata = service_metadata()

log_state = Table(
    "log_state",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False, unique=True),
    Column("authority", Text),
    Column("leaf", Text, nullable=False),
)

log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("department", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("department", "name"),
)

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("subscription_id", UUID, ForeignKey("subscriptions.id"), nullable=False),
    Column("event_id", Text, ForeignKey("webhook_events.event_id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_status", SmallInteger),
    Column("last_error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint("subscription_id", "event_id"),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="state"),
    Index("ix_deliveries_waiting", "subscription_id", "key", "seq", postgresql_where=text("state = 'waiting'")),
    Index("ix_deliveries_listed", "subscription_id", "seq"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("subscription_id", UUID, ForeignKey("subscriptions.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("claim", UUID),
    Column("is_stopped", Boolean, nullable=False),
    Index("ix_lanes_due", "subscription_id", "next_attempt_at", postgresql_where=text("next_attempt_at IS NOT NULL")),
)
