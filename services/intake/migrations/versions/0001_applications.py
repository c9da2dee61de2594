"""Applications, materials, files, receipts; copies of item versions and calendar years."""

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
    op.execute("CREATE SEQUENCE application_numbers MINVALUE 1 MAXVALUE 999999 CYCLE")
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holidays", postgresql.JSONB(), nullable=False),
        sa.Column("workdays", postgresql.JSONB(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "item_versions",
        sa.Column("version_id", sa.UUID(), nullable=False),
        sa.Column("local_code", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_item_versions")),
    )
    op.create_table(
        "applications",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("item_version_id", sa.UUID(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("applicant_subject", sa.UUID(), nullable=False),
        sa.Column("applicant", postgresql.JSONB(), nullable=False),
        sa.Column("handler", postgresql.JSONB(), nullable=True),
        sa.Column("form_sealed", sa.Text(), nullable=False),
        sa.Column("situation", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal_reasons", sa.Text(), nullable=True),
        sa.Column("refusal_remedies", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_reasons", sa.Text(), nullable=True),
        sa.Column("outcome_remedies", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("is_on_time", sa.Boolean(), nullable=True),
        sa.Column("certificate_id", sa.UUID(), nullable=True),
        sa.Column("certificate_identifier", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'accepted', 'refused', 'withdrawn', 'concluded', 'delivered')",
            name=op.f("ck_applications_state"),
        ),
        sa.CheckConstraint("(submitted_at IS NULL) = (number IS NULL)", name=op.f("ck_applications_number")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_versions.version_id"], name=op.f("fk_applications_item_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("number", name=op.f("uq_applications_number")),
    )
    op.create_index("ix_applications_applicant", "applications", ["applicant_subject", "id"], unique=False)
    op.create_index(
        "ix_applications_window",
        "applications",
        ["state", "submitted_at", "id"],
        unique=False,
        postgresql_where=sa.text("submitted_at IS NOT NULL"),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("application_id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.UUID(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_files_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_application_id"), "files", ["application_id"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.UUID(), nullable=False),
        sa.Column("tracking_code", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", postgresql.JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_is_provisional", sa.Boolean(), nullable=False),
        sa.Column("statutory_due_on", sa.Date(), nullable=True),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("event_body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_receipts_application_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipts")),
        sa.UniqueConstraint("application_id", name=op.f("uq_receipts_application_id")),
        sa.UniqueConstraint("tracking_code", name=op.f("uq_receipts_tracking_code")),
    )
    op.create_table(
        "materials",
        sa.Column("application_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("match", postgresql.JSONB(), nullable=True),
        sa.Column("file_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_materials_application_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_materials_file_id")),
        sa.PrimaryKeyConstraint("application_id", "key", name=op.f("pk_materials")),
    )


def downgrade() -> None:
    op.drop_table("materials")
    op.drop_table("receipts")
    op.drop_table("files")
    op.drop_table("applications")
    op.drop_table("item_versions")
    op.drop_table("calendar_years")
    op.execute("DROP SEQUENCE application_numbers")
    drop_chassis_tables(op)
