"""Departments, staff, what they hand on to each other, and who administered what."""

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Identity, Index, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from services.identity.tables.house import metadata

departments = Table(
    "departments",
    metadata,
    Column("uscc", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("region", Text, nullable=False),
    Column("parent", Text, ForeignKey("departments.uscc"), index=True),
    Column("version", Integer, nullable=False, server_default="1"),
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
    Column("item_departments", ARRAY(Text)),
    Column("item_codes", ARRAY(Text)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("left_at", DateTime(timezone=True)),
)
"""`item_departments` and `item_codes`: the items the posts are for; null: every."""

delegations = Table(
    "delegations",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("delegator", UUID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("delegate", UUID, ForeignKey("staff.id"), nullable=False, index=True),
    Column("department", Text, ForeignKey("departments.uscc"), nullable=False),
    Column("posts", ARRAY(Text), nullable=False),
    Column("region", Text, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("item_departments", ARRAY(Text)),
    Column("item_codes", ARRAY(Text)),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", UUID),
    Column("revocation_reason", Text),
    Column("version", Integer, nullable=False),
)
"""Authority handed on for a time. A record is never changed but for its revocation, and never deleted."""

Index("ix_delegations_in_force", delegations.c.delegate, delegations.c.valid_until, postgresql_where=delegations.c.revoked_at.is_(None))

one_time_secrets = Table(
    "one_time_secrets",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("staff_id", UUID, ForeignKey("staff.id")),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
"""Secrets that open one thing once: the place of the first administrator, a staff member's new password."""

administrative_changes = Table(
    "administrative_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", UUID, nullable=False),
    Column("changed_by_kind", Text, nullable=False),
    Column("changed_by_name", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("request_id", Text),
    Column("action", Text, nullable=False),
    Column("record_kind", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("department", Text, index=True),
    Column("before", JSONB),
    Column("after", JSONB),
)
"""Who changed what: the record before and after, never with secrets in it. Rows are only added."""

Index("ix_administrative_changes_record", administrative_changes.c.record_kind, administrative_changes.c.record)

client_requests = Table(
    "client_requests",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("department", Text, ForeignKey("departments.uscc"), nullable=False, index=True),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("keys_and_trust", JSONB, nullable=False, server_default="{}"),
    Column("state", Text, nullable=False),
    Column("requested_by", UUID, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", UUID),
    Column("decided_at", DateTime(timezone=True)),
    Column("decision_reason", Text),
    Column("version", Integer, nullable=False),
)

Index("uq_client_requests_open", client_requests.c.client_id, unique=True, postgresql_where=client_requests.c.state == "requested")
