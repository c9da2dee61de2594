"""Signing in at kiosks with one's own telephone; telephone numbers confirmed before they are taken on record."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("browser_sessions", sa.Column("kiosk", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "device_grants",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("device_digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_digest", sa.Text(), nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("interval_seconds", sa.SmallInteger(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("family_id", sa.UUID(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_grants_device_id_devices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_grants")),
        sa.UniqueConstraint("device_digest", name=op.f("uq_device_grants_device_digest")),
        sa.UniqueConstraint("user_code_digest", name=op.f("uq_device_grants_user_code_digest")),
    )
    op.create_index(op.f("ix_device_grants_expires_at"), "device_grants", ["expires_at"])

    op.create_table(
        "phone_checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("phone_index", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_checks")),
    )
    op.create_index(op.f("ix_phone_checks_expires_at"), "phone_checks", ["expires_at"])


def downgrade() -> None:
    op.drop_table("phone_checks")
    op.drop_table("device_grants")
    op.drop_column("browser_sessions", "kiosk")
