"""Regions, the working-day calendar, and the materials that the network can supply."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, ForeignKey, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.catalog.tables.house import metadata

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
