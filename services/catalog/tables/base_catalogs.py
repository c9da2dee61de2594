"""Base catalogs: what the state or the province defines.

An edition and its entries never change; `base_entries` is what has been accepted of them; a redirect's target is always a code in
`base_entries` that leads nowhere itself, so there are no chains.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from services.catalog.tables.house import metadata

base_editions = Table(
    "base_editions",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("issued_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("file_kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("entry_count", Integer, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    CheckConstraint("file_kind IN ('csv', 'xlsx', 'json')", name="file_kind"),
)

base_edition_entries = Table(
    "base_edition_entries",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("entry", JSONB, nullable=False),
    ForeignKeyConstraint(["catalog", "edition"], ["base_editions.catalog", "base_editions.number"]),
)

base_entries = Table(
    "base_entries",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("entry", JSONB, nullable=False),
    Column("is_deleted", Boolean, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["catalog", "edition"], ["base_editions.catalog", "base_editions.number"]),
)

base_redirects = Table(
    "base_redirects",
    metadata,
    Column("catalog", Text, primary_key=True),
    Column("old_code", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["catalog", "code"], ["base_entries.catalog", "base_entries.code"]),
    CheckConstraint("old_code <> code", name="no_loop"),
)
Index("ix_base_redirects_code", base_redirects.c.catalog, base_redirects.c.code)

base_differences = Table(
    "base_differences",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("catalog", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    Column("decision", Text),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["catalog", "edition"], ["base_editions.catalog", "base_editions.number"]),
    CheckConstraint("kind IN ('added', 'deleted', 'renamed', 'recoded', 'changed')", name="kind"),
    CheckConstraint("decision IN ('accepted', 'rejected', 'postponed')", name="decision"),
    CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
)
Index("uq_base_differences_position", base_differences.c.catalog, base_differences.c.edition, base_differences.c.position, unique=True)

base_decisions = Table(
    "base_decisions",
    metadata,
    Column("difference_id", UUID, ForeignKey("base_differences.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
)
