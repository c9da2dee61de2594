"""The tables of the identity service. Citizen ID and phone numbers are ciphertext beside a blind index; secrets are digests."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    false,
)
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
    Column("asks_consent", Boolean, nullable=False, server_default=false()),
    Column("post_logout_redirect_uris", ARRAY(Text), nullable=False, server_default="{}"),
    Column("backchannel_logout_uri", Text),
    Column("jwks", JSONB),
    Column("jwks_uri", Text),
    Column("require_pushed_authorization_requests", Boolean, nullable=False, server_default=false()),
    Column("dpop_bound_access_tokens", Boolean, nullable=False, server_default=false()),
)

browser_sessions = Table(
    "browser_sessions",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("secret_digest", LargeBinary, nullable=False, unique=True),
    Column("subject", UUID, nullable=False, index=True),
    Column("subject_kind", Text, nullable=False),
    Column("signed_in_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("ended_at", DateTime(timezone=True)),
)
"""Who is signed on in which browser; the browser keeps the secret in a cookie, `id` is the `sid` of tokens."""

consents = Table(
    "consents",
    metadata,
    Column("subject", UUID, primary_key=True),
    Column("client_id", Text, primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("agreed_at", DateTime(timezone=True), nullable=False),
)
"""What people agreed that a client may have, for clients that have to ask."""

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
    Column("session_id", UUID, ForeignKey("browser_sessions.id", ondelete="CASCADE"), index=True),
    Column("dpop_jkt", Text),
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
    Column("dpop_jkt", Text),
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
    Column("signs_from", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)

attempt_counters = Table(
    "attempt_counters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("window_began", DateTime(timezone=True), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)
"""Attempts per account and per source; `key` is a blind index, so the table names neither."""

logout_notices = Table(
    "logout_notices",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("uri", Text, nullable=False),
    Column("session_id", UUID, nullable=False),
    Column("subject", UUID, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("last_status", Integer),
    Column("last_error", Text),
)
"""Clients that are to hear of a sign-off, or have heard. They outlive the session they tell of."""

Index("ix_logout_notices_next_attempt_at", logout_notices.c.next_attempt_at, postgresql_where=logout_notices.c.next_attempt_at.is_not(None))

used_once = Table(
    "used_once",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Ids of assertions and proofs that were used, until they have expired."""

pushed_requests = Table(
    "pushed_requests",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("opened_at", DateTime(timezone=True)),
)
"""Authorization requests that clients sent ahead, until a code was issued for them."""

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
    Column("state", Text, nullable=False),
    Column("requested_by", UUID, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", UUID),
    Column("decided_at", DateTime(timezone=True)),
    Column("decision_reason", Text),
    Column("version", Integer, nullable=False),
)

Index("uq_client_requests_open", client_requests.c.client_id, unique=True, postgresql_where=client_requests.c.state == "requested")


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
