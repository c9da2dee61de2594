"""Clients, sign-ons, and everything issued from them."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, false
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from services.identity.tables.house import metadata

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
    Column("signs_requests", Boolean, nullable=False, server_default=false()),
    Column("request_quota", Integer),
    Column("token_endpoint_auth_method", Text),
    Column("tls_client_auth_subject_dn", Text),
    Column("tls_client_auth_san_dns", Text),
    Column("tls_client_certificate_bound_access_tokens", Boolean, nullable=False, server_default=false()),
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
    Column("methods", ARRAY(Text), nullable=False, server_default="{}"),
    Column("device", Text, nullable=False, server_default=""),
    Column("kiosk", Text, nullable=False, server_default=""),
)
"""Who is signed on in which browser; the browser keeps the secret in a cookie, `id` is the `sid` of tokens.

`kiosk` names the registered kiosk where it is none: nobody keeps the secret then.
"""

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
    Column("methods", ARRAY(Text), nullable=False, server_default="{}"),
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
