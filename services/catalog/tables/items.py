"""Items and their versions, and how they are found.

An item version never changes and never goes (a trigger refuses it): an application keeps the version it began with. Which one is
in force is a function of the clock (`rules.life`). Its content is `json`, not `jsonb`, because the order of a form's fields is part
of it. `items` holds what finding shows: a version's id and number, what it compares and filters by, and `next_at`, the instant at
which another is due (a row past it is brought up to date before it is read); `digest` is that of the newest version. `item_terms` leads from a term to
items, those that say most of it first (docs/decisions/0018-finding-items.md); `item_use` counts what people ask for.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, TSVECTOR, UUID

from services.catalog.tables.house import metadata

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
    Column("is_listed", Boolean, nullable=False),
    Column("standing", Text, nullable=False),
    Column("next_at", DateTime(timezone=True)),
    CheckConstraint("standing IN ('active', 'frozen', 'withdrawn')", name="standing"),
)
Index("ix_items_document", items.c.document, postgresql_using="gin")
Index("ix_items_index_version", items.c.index_version)
Index("ix_items_next_at", items.c.next_at, postgresql_where=items.c.next_at.is_not(None))

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
    Column("effective_from", DateTime(timezone=True), nullable=False),
    Column("origin", Text, nullable=False),
    Column("written_by", ARRAY(Text), nullable=False),
    Column("reviewed_by", Text),
    CheckConstraint("origin IN ('loaded', 'drafted')", name="origin"),
    CheckConstraint("reviewed_by IS NULL OR NOT reviewed_by = ANY (written_by)", name="another_reviewed"),
    CheckConstraint("origin = 'loaded' OR reviewed_by IS NOT NULL", name="reviewed"),
)
Index("uq_item_versions_local_code", item_versions.c.local_code, item_versions.c.number, unique=True)
Index("ix_item_versions_effective_from", item_versions.c.local_code, item_versions.c.effective_from, item_versions.c.number)

Index("ix_item_versions_base_code", text("(content ->> 'base_code')"), _table=item_versions)
