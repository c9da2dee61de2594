"""Verifications, mandates, devices, one codes, visits, one-time codes, known places."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_verifications_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index("ix_verifications_person_id", "verifications", ["person_id", "id"])
    op.create_table(
        "mandates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("principal", sa.UUID(), nullable=False),
        sa.Column("principal_kind", sa.Text(), nullable=False),
        sa.Column("agent", sa.UUID(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("items", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("maker", sa.UUID(), nullable=False),
        sa.Column("record_number", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.UUID(), nullable=True),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.UUID(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent"], ["people.id"], name=op.f("fk_mandates_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    op.create_index("ix_mandates_principal", "mandates", ["principal", "id"])
    op.create_index("ix_mandates_agent", "mandates", ["agent", "id"])
    op.create_index("ix_mandates_ends_at", "mandates", ["ends_at"], postgresql_where=sa.text("ended_at IS NULL AND ends_at IS NOT NULL"))
    op.create_index(
        "uq_mandates_record",
        "mandates",
        ["record_number", "principal", "agent"],
        unique=True,
        postgresql_where=sa.text("record_number IS NOT NULL"),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["department"], ["departments.uscc"], name=op.f("fk_devices_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("code", name=op.f("uq_devices_code")),
    )
    op.create_table(
        "one_codes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_one_codes_person_id")),
        sa.ForeignKeyConstraint(["used_by"], ["devices.id"], name=op.f("fk_one_codes_used_by")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_one_codes")),
    )
    op.create_index(op.f("ix_one_codes_person_id"), "one_codes", ["person_id"])
    op.create_index(op.f("ix_one_codes_expires_at"), "one_codes", ["expires_at"])
    op.create_table(
        "one_code_refusals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("clerk", sa.UUID(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_one_code_refusals_device_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_one_code_refusals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_code_refusals")),
    )
    op.create_index(op.f("ix_one_code_refusals_person_id"), "one_code_refusals", ["person_id"])
    op.create_table(
        "visits",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("clerk", sa.UUID(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_visits_device_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_visits_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_person_id", "visits", ["person_id", "id"])
    op.add_column("people", sa.Column("phone_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_one_time_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
    )
    op.create_index(op.f("ix_one_time_codes_expires_at"), "one_time_codes", ["expires_at"])
    op.create_table(
        "known_places",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_known_places")),
    )
    op.create_index(op.f("ix_known_places_seen_at"), "known_places", ["seen_at"])


def downgrade() -> None:
    op.drop_table("known_places")
    op.drop_table("one_time_codes")
    op.drop_column("people", "phone_confirmed_at")
    op.drop_table("visits")
    op.drop_table("one_code_refusals")
    op.drop_table("one_codes")
    op.drop_table("devices")
    op.drop_table("mandates")
    op.drop_table("verifications")
