"""Verifications, mandates."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0001"
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


def downgrade() -> None:
    op.drop_table("mandates")
    op.drop_table("verifications")
