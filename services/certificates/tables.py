"""The tables of the certificate library.

What a certificate says is stored once, as the very text that was signed, encrypted (`signed_sealed`); the other columns are
for finding, listing and verifying and hold no full citizen ID number. A type version and a certificate never change.
"""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB, UUID

from chassis.tables import service_metadata

metadata = service_metadata()

# JSON, not JSONB: the order of a schema's properties is the order of the lines on the certificate.
certificate_types = Table(
    "certificate_types",
    metadata,
    Column("code", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("holder_kind", Text, nullable=False),
    Column("number_prefix", Text, nullable=False),
    Column("validity_months", Integer),
    Column("elements", JSON, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
)

certificates = Table(
    "certificates",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("identifier", Text, nullable=False, unique=True),
    Column("type_code", Text, nullable=False),
    Column("type_version", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("number_index", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("holder_kind", Text, nullable=False),
    Column("holder_name", Text, nullable=False),
    Column("holder_index", Text, nullable=False),
    Column("holder_subject", UUID),
    Column("issuer_code", Text, nullable=False),
    Column("issuer_name", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("application_id", UUID),
    Column("case_id", UUID, unique=True),
    Column("signed_sealed", Text, nullable=False),
    Column("key_id", Text, ForeignKey("signing_keys.key_id"), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["type_code", "type_version"], ["certificate_types.code", "certificate_types.version"]),
    UniqueConstraint("type_code", "number_index", "version"),
    CheckConstraint("valid_until >= valid_from", name="validity"),
    Index("ix_certificates_holder_index_type_code", "holder_index", "type_code"),
)

certificate_uses = Table(
    "certificate_uses",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("certificate_id", UUID, ForeignKey("certificates.id"), nullable=False),
    Column("holder_index", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("item_code", Text),
    Column("item_name", Text),
    Column("application_id", UUID),
    Column("user_kind", Text, nullable=False),
    Column("user_subject", UUID, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    Index("ix_certificate_uses_holder_index_id", "holder_index", "id"),
    Index("ix_certificate_uses_certificate_id", "certificate_id"),
)

number_sequences = Table(
    "number_sequences",
    metadata,
    Column("type_code", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last_number", Integer, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("public_jwk", JSONB, nullable=False),
    Column("private_sealed", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
