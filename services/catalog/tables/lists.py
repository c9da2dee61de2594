"""The four lists (权力、责任、负面、收费清单), each of a kind and a region.

An import replaces a whole list; what an entry was in each edition stays (`list_entry_versions`, null where the edition no longer
has it). Editions and what they said never change; `list_entries` is what is in force.
"""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.catalog.tables.house import metadata

_EDITION = ["list_editions.kind", "list_editions.region_code", "list_editions.number"]

list_editions = Table(
    "list_editions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("issued_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("file_kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("entry_count", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    CheckConstraint("kind IN ('power', 'responsibility', 'negative', 'fee')", name="kind"),
    CheckConstraint("file_kind IN ('csv', 'xlsx', 'json')", name="file_kind"),
)

list_entry_versions = Table(
    "list_entry_versions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("entry", JSONB(none_as_null=True)),
    ForeignKeyConstraint(["kind", "region_code", "edition"], _EDITION),
)

list_entries = Table(
    "list_entries",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("edition", Integer, nullable=False),
    Column("department", Text, nullable=False),
    Column("base_code", Text),
    Column("item_codes", ARRAY(Text), nullable=False),
    Column("entry", JSONB, nullable=False),
    ForeignKeyConstraint(["kind", "region_code", "edition"], _EDITION),
)
Index("ix_list_entries_department", list_entries.c.kind, list_entries.c.region_code, list_entries.c.department, list_entries.c.code)
Index("ix_list_entries_base_code", list_entries.c.base_code)
Index("ix_list_entries_item_codes", list_entries.c.item_codes, postgresql_using="gin")
