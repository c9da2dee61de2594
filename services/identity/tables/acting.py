"""Acting for another, being identified at a window, and getting back in."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.identity.tables.house import metadata

mandates = Table(
    "mandates",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("principal", UUID, nullable=False),
    Column("principal_kind", Text, nullable=False),
    Column("agent", UUID, ForeignKey("people.id"), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("items", ARRAY(Text), nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("made_by", Text, nullable=False),
    Column("maker", UUID, nullable=False),
    Column("record_number", Text),
    Column("visit_id", UUID),
    Column("appointed_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", UUID),
    Column("end_reason", Text),
)
"""Who may act for whom, in what, from when to when, made how. Rows are ended, never deleted: they are the history."""

Index("ix_mandates_principal", mandates.c.principal, mandates.c.id)
Index("ix_mandates_agent", mandates.c.agent, mandates.c.id)
Index("ix_mandates_ends_at", mandates.c.ends_at, postgresql_where=mandates.c.ended_at.is_(None) & mandates.c.ends_at.is_not(None))
Index(
    "uq_mandates_record",
    mandates.c.record_number,
    mandates.c.principal,
    mandates.c.agent,
    unique=True,
    postgresql_where=mandates.c.record_number.is_not(None),
)

devices = Table(
    "devices",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("department", Text, ForeignKey("departments.uscc"), nullable=False),
    Column("region", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
)
"""Windows and kiosks that may scan people's one codes."""

one_codes = Table(
    "one_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False, index=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
    Column("used_by", UUID, ForeignKey("devices.id")),
)
"""Kept for a day after they expired, so that a replay is known for what it is."""

one_code_refusals = Table(
    "one_code_refusals",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False, index=True),
    Column("device_id", UUID, ForeignKey("devices.id"), nullable=False),
    Column("clerk", UUID),
    Column("reason", Text, nullable=False),
    Column("refused_at", DateTime(timezone=True), nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False),
    Column("device_id", UUID, ForeignKey("devices.id"), nullable=False),
    Column("department", Text, nullable=False),
    Column("clerk", UUID),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
)
"""A person identified to a device by one code; over at `ends_at` or when closed."""

Index("ix_visits_person_id", visits.c.person_id, visits.c.id)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("person_id", UUID, ForeignKey("people.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)
"""Short codes sent to a person's phone; the digest is keyed, for a plain one of six digits is guessed at once."""

phone_checks = Table(
    "phone_checks",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("phone_index", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)
"""Codes sent to numbers before they are taken on record; the number itself is not kept."""

known_places = Table(
    "known_places",
    metadata,
    Column("key", Text, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Sources that an account's owner has proven themselves from; `key` is a blind index of both, so the table names neither."""
