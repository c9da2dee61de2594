"""Ways to sign in other than a password."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.identity.tables.house import metadata

sign_in_codes = Table(
    "sign_in_codes",
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

device_grants = Table(
    "device_grants",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("device_digest", LargeBinary, nullable=False, unique=True),
    Column("user_code_digest", Text, nullable=False, unique=True),
    Column("device_id", UUID, ForeignKey("devices.id"), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("interval_seconds", SmallInteger, nullable=False),
    Column("polled_at", DateTime(timezone=True)),
    Column("subject", UUID),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("declined_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("family_id", UUID),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""Kiosks that wait for somebody to confirm them; the code people type is a keyed digest, being short."""
