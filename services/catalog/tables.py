"""The catalog's database.

An item version never changes and never goes (a trigger refuses it): an application keeps the version it began with.
Its content is `json`, not `jsonb`, because the order of a form's fields is part of it. `items` holds what is current: the version's id and number, the digest of its content, and the search index.
"""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text
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
    Column("phrases", ARRAY(Text), nullable=False),
    Column("readings", ARRAY(Text), nullable=False),
    Column("document", TSVECTOR, nullable=False),
)
Index("ix_items_document", items.c.document, postgresql_using="gin")

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
