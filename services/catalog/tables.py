"""The catalog's database.

An item version never changes and never goes (a trigger refuses it): an application keeps the version it began with.
Its content is `json`, not `jsonb`, because the order of a form's fields is part of it. `items` holds what is current: the
version's id and number, the digest of its content, and what finding compares and filters by. `item_terms` leads from a term to
items, those that say most of it first (docs/decisions/0018-finding-items.md); `item_use` counts what people ask for.
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
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, TSVECTOR, UUID

from chassis.tables import service_metadata

metadata = service_metadata()

regions = Table(
    "regions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_code", Text, ForeignKey("regions.code", deferrable=True, initially="DEFERRED")),
    CheckConstraint("level BETWEEN 1 AND 5", name="level"),
)
Index("ix_regions_parent_code", regions.c.parent_code, regions.c.code)

items = Table(
    "items",
    metadata,
    Column("local_code", Text, primary_key=True),
    Column("version_id", UUID, nullable=False),
    Column("version_number", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False, index=True),
    Column("summary", JSONB, nullable=False),
    Column("document", TSVECTOR, nullable=False),
    Column("item_no", Integer, Identity(always=True), unique=True, nullable=False),
    Column("called", ARRAY(Text), nullable=False),
    Column("lines", ARRAY(Text), nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("service_objects", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("reach", Text, nullable=False),
    Column("index_version", SmallInteger, nullable=False),
)
Index("ix_items_document", items.c.document, postgresql_using="gin")
Index("ix_items_index_version", items.c.index_version)

item_terms = Table(
    "item_terms",
    metadata,
    Column("item_no", Integer, ForeignKey("items.item_no"), primary_key=True, autoincrement=False),
    Column("term", Text(collation="C"), primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("impact", SmallInteger, nullable=False),
)
Index("ix_item_terms_term", item_terms.c.term, item_terms.c.impact.desc(), item_terms.c.item_no)
Index("ix_item_terms_region", item_terms.c.region_code, item_terms.c.term, item_terms.c.impact.desc(), item_terms.c.item_no)

item_use = Table(
    "item_use",
    metadata,
    Column("local_code", Text, primary_key=True),
    Column("heat", Double, nullable=False),
)
Index("ix_item_use_heat", item_use.c.heat.desc())

item_versions = Table(
    "item_versions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("local_code", Text, ForeignKey("items.local_code"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False),
)
Index("uq_item_versions_local_code", item_versions.c.local_code, item_versions.c.number, unique=True)

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("holidays", ARRAY(Date), nullable=False),
    Column("workdays", ARRAY(Date), nullable=False),
    Column("source", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)

obtainable_materials = Table(
    "obtainable_materials",
    metadata,
    Column("code", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("names", ARRAY(Text), nullable=False),
    CheckConstraint("source IN ('certificate', 'shared')", name="source"),
)

Index("ix_item_versions_base_code", text("(content ->> 'base_code')"), _table=item_versions)

# Base catalogs: what the state or the province defines. An edition and its entries never change; `base_entries` is what has been
# accepted of them; a redirect's target is always a code in `base_entries` that leads nowhere itself, so there are no chains.

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
