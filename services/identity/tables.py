"""The tables of the identity service. Citizen ID and phone numbers are ciphertext beside a blind index; secrets are digests."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text, false
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
    Column("asks_consent", Boolean, nullable=False, server_default=false()),
    Column("post_logout_redirect_uris", ARRAY(Text), nullable=False, server_default="{}"),
    Column("backchannel_logout_uri", Text),
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

one_time_codes = Table(
    "one_time_codes",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("subject", UUID),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("tries", SmallInteger, nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
"""Codes sent to phones, as keyed digests. Asking for a number without an account leaves a row as well, with nobody as its subject."""

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("subject", UUID, nullable=False, index=True),
    Column("subject_kind", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("is_synced", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
)
"""Public keys of people's authenticators (COSE), with the count each last told."""

passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("subject", UUID),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Challenges not answered yet: for registering somebody's passkey, or, without a subject, for signing in."""

qr_sign_ins = Table(
    "qr_sign_ins",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("browser_digest", LargeBinary, nullable=False, unique=True),
    Column("handle_digest", LargeBinary, nullable=False, unique=True),
    Column("client_id", Text, nullable=False),
    Column("client_name", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", UUID),
    Column("subject_kind", Text),
    Column("declined_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""QR codes shown for signing in; `subject` is who confirmed one."""

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
