"""Bundles (一件事): several items as one.

A version never changes and never goes (a trigger refuses it); it keeps what its editor said and the guide made of it then, with the
versions of its items. `bundle_members` are those of the version in force, to find the bundles that an item is in.
"""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSON, JSONB, UUID

from services.catalog.tables.house import metadata

bundles = Table(
    "bundles",
    metadata,
    Column("code", Text, primary_key=True),
    Column("version_id", UUID, nullable=False),
    Column("version_number", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False, index=True),
    Column("summary", JSONB, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_because", Text),
)

bundle_versions = Table(
    "bundle_versions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("code", Text, ForeignKey("bundles.code"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("guide", JSON, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False),
)
Index("uq_bundle_versions_code", bundle_versions.c.code, bundle_versions.c.number, unique=True)

bundle_members = Table(
    "bundle_members",
    metadata,
    Column("code", Text, ForeignKey("bundles.code"), primary_key=True),
    Column("local_code", Text, primary_key=True),
    Column("version_id", UUID, nullable=False),
)
Index("ix_bundle_members_local_code", bundle_members.c.local_code, bundle_members.c.code)
