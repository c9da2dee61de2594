"""The tables of approval.

A case is unique by application; it has at most one live task (a partial unique index holds that). What the case is about is kept as it
was accepted: it never changes. `tasks` repeat the case's authority so that a desk's queue is one index range.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB, UUID

from chassis.tables import service_metadata

metadata = service_metadata()

case_serial = Sequence("case_serial", data_type=BigInteger, metadata=metadata)

cases = Table(
    "cases",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("application_id", UUID, nullable=False, unique=True),
    Column("application_number", Text, nullable=False),
    Column("receipt_number", Text, nullable=False),
    Column("case_number", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("authority_name", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("item", JSONB, nullable=False),
    Column("applicant", JSONB, nullable=False),
    Column("handler", JSONB),
    Column("form", JSONB, nullable=False),
    Column("materials", JSONB, nullable=False),
    Column("process", JSONB, nullable=False),
    Column("result_type_code", Text),
    Column("result_validity_months", Integer),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_is_provisional", Boolean, nullable=False),
    Column("statutory_due_on", Date),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text),
    Column("reasons", Text),
    Column("remedies", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", UUID),
    Column("decided_by_name", Text),
    Column("terminated_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('open', 'decided', 'terminated')", name="state"),
    CheckConstraint("(state = 'decided') = (outcome IS NOT NULL AND decided_at IS NOT NULL AND decided_by IS NOT NULL)", name="decided"),
    CheckConstraint("(state = 'terminated') = (terminated_at IS NOT NULL)", name="terminated"),
    CheckConstraint(
        "outcome IS DISTINCT FROM 'refused' OR (coalesce(reasons, '') <> '' AND coalesce(remedies, '') <> '')", name="refusal_has_reasons"
    ),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("case_id", UUID, ForeignKey("cases.id"), nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("claimed_by", UUID),
    Column("claimed_by_name", Text),
    Column("claimed_at", DateTime(timezone=True)),
    Column("completed_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("opinion", Text),
    UniqueConstraint("case_id", "step", "round"),
    CheckConstraint("state IN ('open', 'claimed', 'completed', 'cancelled')", name="state"),
    CheckConstraint("(state = 'completed') = (outcome IS NOT NULL AND completed_at IS NOT NULL)", name="completed"),
    Index("uq_tasks_live", "case_id", unique=True, postgresql_where=text("state IN ('open', 'claimed')")),
    Index("ix_tasks_queue", "authority_code", "state", "id"),
)

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("days_off", JSONB, nullable=False),
    Column("workdays", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)
