"""The certificate library: directory of types, certificates, their use, numbers and signing keys."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.create_table(
        "certificate_types",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False),
        sa.Column("number_prefix", sa.Text(), nullable=False),
        sa.Column("validity_months", sa.Integer()),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_certificate_types")),
    )
    op.create_table(
        "number_sequences",
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("type_code", "region_code", "year", name=op.f("pk_number_sequences")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "certificates",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_index", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("holder_index", sa.Text(), nullable=False),
        sa.Column("holder_subject", postgresql.UUID()),
        sa.Column("issuer_code", sa.Text(), nullable=False),
        sa.Column("issuer_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("application_id", postgresql.UUID()),
        sa.Column("case_id", postgresql.UUID()),
        sa.Column("signed_sealed", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_certificates_validity")),
        sa.ForeignKeyConstraint(["key_id"], ["signing_keys.key_id"], name=op.f("fk_certificates_key_id")),
        sa.ForeignKeyConstraint(
            ["type_code", "type_version"],
            ["certificate_types.code", "certificate_types.version"],
            name=op.f("fk_certificates_type_code_type_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("case_id", name=op.f("uq_certificates_case_id")),
        sa.UniqueConstraint("identifier", name=op.f("uq_certificates_identifier")),
        sa.UniqueConstraint("type_code", "number_index", "version", name=op.f("uq_certificates_type_code_number_index_version")),
    )
    op.create_index("ix_certificates_holder_index_type_code", "certificates", ["holder_index", "type_code"])
    op.create_table(
        "certificate_uses",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("certificate_id", postgresql.UUID(), nullable=False),
        sa.Column("holder_index", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text()),
        sa.Column("item_name", sa.Text()),
        sa.Column("application_id", postgresql.UUID()),
        sa.Column("user_kind", sa.Text(), nullable=False),
        sa.Column("user_subject", postgresql.UUID(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name=op.f("fk_certificate_uses_certificate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_uses")),
    )
    op.create_index("ix_certificate_uses_certificate_id", "certificate_uses", ["certificate_id"])
    op.create_index("ix_certificate_uses_holder_index_id", "certificate_uses", ["holder_index", "id"])


def downgrade() -> None:
    op.drop_table("certificate_uses")
    op.drop_table("certificates")
    op.drop_table("signing_keys")
    op.drop_table("number_sequences")
    op.drop_table("certificate_types")
    drop_chassis_tables(op)
