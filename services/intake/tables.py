"""Intake's own database. `form_sealed` is ciphertext; nothing here holds a citizen ID number in full."""

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
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from chassis.tables import service_metadata
from services.intake.rules.lifecycle import State

metadata = service_metadata()

number_sequence = Sequence("application_numbers", metadata=metadata, minvalue=1, maxvalue=999_999, cycle=True)

# An item's version as applications are made of it: with a situation answered it asks for less. `version_id` is made of the version and
# of what this one says (the version's own id in rows of the first release), so that two situations of one version are two rows.
item_versions = Table(
    "item_versions",
    metadata,
    Column("version_id", UUID, primary_key=True),
    Column("local_code", Text, nullable=False),
    Column("document", JSONB, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("number", Text, unique=True),
    Column("item_version_id", UUID, ForeignKey("item_versions.version_id"), nullable=False),
    Column("region_code", Text, nullable=False),
    Column("applicant_subject", UUID, nullable=False),
    Column("applicant", JSONB, nullable=False),
    Column("handler", JSONB),
    Column("form_sealed", Text, nullable=False),
    Column("situation", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("submitted_at", DateTime(timezone=True)),
    Column("accepted_at", DateTime(timezone=True)),
    Column("refused_at", DateTime(timezone=True)),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("concluded_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("refusal_reasons", Text),
    Column("refusal_remedies", Text),
    Column("outcome", Text),
    Column("outcome_reasons", Text),
    Column("outcome_remedies", Text),
    Column("decided_on", Date),
    Column("is_on_time", Boolean),
    Column("certificate_id", UUID),
    Column("certificate_identifier", Text),
    CheckConstraint("state IN (" + ", ".join(f"'{state}'" for state in State) + ")", name="state"),
    CheckConstraint("(submitted_at IS NULL) = (number IS NULL)", name="number"),
)
Index("ix_applications_applicant", applications.c.applicant_subject, applications.c.id)
Index(
    "ix_applications_window",
    applications.c.state,
    applications.c.submitted_at,
    applications.c.id,
    postgresql_where=applications.c.submitted_at.is_not(None),
)

files = Table(
    "files",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("application_id", UUID, ForeignKey("applications.id"), nullable=False, index=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("uploaded_by", UUID, nullable=False),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
)

materials = Table(
    "materials",
    metadata,
    Column("application_id", UUID, ForeignKey("applications.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("standing", Text, nullable=False),
    Column("match", JSONB),
    Column("file_id", UUID, ForeignKey("files.id")),
)

receipts = Table(
    "receipts",
    metadata,
    Column("number", Text, primary_key=True),
    Column("application_id", UUID, ForeignKey("applications.id"), nullable=False, unique=True),
    Column("tracking_code", Text, nullable=False, unique=True),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    Column("accepted_by", JSONB, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_is_provisional", Boolean, nullable=False),
    Column("statutory_due_on", Date),
    Column("event_id", UUID, nullable=False),
    Column("event_body", Text, nullable=False),
)

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("holidays", JSONB, nullable=False),
    Column("workdays", JSONB, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)
