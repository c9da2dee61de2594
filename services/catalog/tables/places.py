"""Regions and what became of their codes, departments as identity tells of them, the calendar, what the network can supply.

A region is never removed, since items and records name it: one that ended keeps its row, with the day. `region_changes` never
change; a code may mean one place before a day and another after it, so codes are followed with dates (`rules.region_history`).
"""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.catalog.tables.house import metadata

regions = Table(
    "regions",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_code", Text, ForeignKey("regions.code", deferrable=True, initially="DEFERRED")),
    Column("ended_on", Date),
    CheckConstraint("level BETWEEN 1 AND 5", name="level"),
)
Index("ix_regions_parent_code", regions.c.parent_code, regions.c.code)

region_changes = Table(
    "region_changes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("effective_on", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old_code", Text),
    Column("old_name", Text),
    Column("new_code", Text),
    Column("new_name", Text),
    CheckConstraint("old_code IS NOT NULL OR new_code IS NOT NULL", name="some_code"),
)
_CHANGE = ("effective_on", "kind", "old_code", "new_code", "old_name", "new_name")
Index("uq_region_changes", *(region_changes.c[name] for name in _CHANGE), unique=True, postgresql_nulls_not_distinct=True)
Index("ix_region_changes_old_code", region_changes.c.old_code)
Index("ix_region_changes_new_code", region_changes.c.new_code)

departments = Table(
    "departments",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("region_code", Text, nullable=False),
    Column("parent_code", Text),
    Column("version", Integer, nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False),
)
Index("ix_departments_region_code", departments.c.region_code, departments.c.code)

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
