"""Cases, tasks and the calendar copy."""

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
    op.execute(sa.schema.CreateSequence(sa.Sequence("case_serial", data_type=sa.BigInteger())))
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("days_off", postgresql.JSONB(), nullable=False),
        sa.Column("workdays", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_years")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("application_id", sa.UUID(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("authority_code", sa.Text(), nullable=False),
        sa.Column("authority_name", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("item", postgresql.JSONB(), nullable=False),
        sa.Column("applicant", postgresql.JSONB(), nullable=False),
        sa.Column("handler", postgresql.JSONB()),
        sa.Column("form", postgresql.JSONB(), nullable=False),
        sa.Column("materials", postgresql.JSONB(), nullable=False),
        sa.Column("process", postgresql.JSONB(), nullable=False),
        sa.Column("result_type_code", sa.Text()),
        sa.Column("result_validity_months", sa.Integer()),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_is_provisional", sa.Boolean(), nullable=False),
        sa.Column("statutory_due_on", sa.Date()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("reasons", sa.Text()),
        sa.Column("remedies", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.UUID()),
        sa.Column("decided_by_name", sa.Text()),
        sa.Column("terminated_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(state = 'decided') = (outcome IS NOT NULL AND decided_at IS NOT NULL AND decided_by IS NOT NULL)",
            name=op.f("ck_cases_decided"),
        ),
        sa.CheckConstraint("(state = 'terminated') = (terminated_at IS NOT NULL)", name=op.f("ck_cases_terminated")),
        sa.CheckConstraint(
            "outcome IS DISTINCT FROM 'refused' OR (coalesce(reasons, '') <> '' AND coalesce(remedies, '') <> '')",
            name=op.f("ck_cases_refusal_has_reasons"),
        ),
        sa.CheckConstraint("state IN ('open', 'decided', 'terminated')", name=op.f("ck_cases_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("application_id", name=op.f("uq_cases_application_id")),
        sa.UniqueConstraint("case_number", name=op.f("uq_cases_case_number")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("authority_code", sa.Text(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.UUID()),
        sa.Column("claimed_by_name", sa.Text()),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.Column("opinion", sa.Text()),
        sa.CheckConstraint("(state = 'completed') = (outcome IS NOT NULL AND completed_at IS NOT NULL)", name=op.f("ck_tasks_completed")),
        sa.CheckConstraint("state IN ('open', 'claimed', 'completed', 'cancelled')", name=op.f("ck_tasks_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("case_id", "step", "round", name=op.f("uq_tasks_case_id_step_round")),
    )
    op.create_index("ix_tasks_queue", "tasks", ["authority_code", "state", "id"])
    op.create_index("uq_tasks_live", "tasks", ["case_id"], unique=True, postgresql_where=sa.text("state IN ('open', 'claimed')"))


def downgrade() -> None:
    op.drop_index("uq_tasks_live", table_name="tasks", postgresql_where=sa.text("state IN ('open', 'claimed')"))
    op.drop_index("ix_tasks_queue", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("cases")
    op.drop_table("calendar_years")
    op.execute(sa.schema.DropSequence(sa.Sequence("case_serial")))
    drop_chassis_tables(op)
