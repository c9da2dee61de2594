"""The tables of the identity service. Citizen ID and phone numbers are ciphertext beside a blind index; secrets are digests."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.tables import service_metadata

metadata = service_metadata()

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

departments = Table(
    "departments",
    metadata,
    Column("uscc", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("region", Text, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("department", Text, ForeignKey("departments.uscc"), nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("posts", ARRAY(Text), nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("password_hash", Text),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("department", Text, ForeignKey("departments.uscc")),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secret_digest", LargeBinary),
)

token_families = Table(
    "token_families",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("subject", UUID, nullable=False, index=True),
    Column("subject_kind", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("nonce", Text, nullable=False),
    Column("signed_in_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("revoked_at", DateTime(timezone=True)),
)
"""One sign-in at one client and everything issued from it; `scopes` as asked for, given out by what the subject is at each issue."""

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("family_id", UUID, ForeignKey("token_families.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("family_id", UUID, ForeignKey("token_families.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("private_key", Text, nullable=False),
    Column("public_key", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
)

attempt_counters = Table(
    "attempt_counters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("window_began", DateTime(timezone=True), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)
"""Attempts per account and per source; `key` is a blind index, so the table names neither."""

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

known_places = Table(
    "known_places",
    metadata,
    Column("key", Text, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Sources that an account's owner has proven themselves from; `key` is a blind index of both, so the table names neither."""
