"""The people and organisations themselves, and what sources at the border said of them."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from services.identity.tables.house import metadata

people = Table(
    "people",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("citizen_id", Text, nullable=False),
    Column("citizen_id_index", Text, nullable=False, unique=True),
    Column("phone", Text, nullable=False),
    Column("phone_index", Text, nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("assurance", SmallInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("phone_confirmed_at", DateTime(timezone=True)),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("uscc", Text, nullable=False, unique=True),
    Column("holder_index", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
)

representations = Table(
    "representations",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("organisation_id", UUID, ForeignKey("organisations.id"), nullable=False),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)
"""Who is (or was) the legal representative of which organisation."""

Index(
    "uq_representations_organisation_id",
    representations.c.organisation_id,
    unique=True,
    postgresql_where=representations.c.ended_at.is_(None),
)
Index("ix_representations_person_id", representations.c.person_id, postgresql_where=representations.c.ended_at.is_(None))

verifications = Table(
    "verifications",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
)
"""What each source said of a person and what level that was worth; never what it was asked with."""

Index("ix_verifications_person_id", verifications.c.person_id, verifications.c.id)
