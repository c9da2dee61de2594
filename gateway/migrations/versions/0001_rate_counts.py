"""What was used of each quota in each window; unlogged, for a count that a crash forgets is worth no disk."""

from alembic import op
import sqlalchemy as sa

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_counts",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "ends_at", name=op.f("pk_rate_counts")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_rate_counts_ends_at", "rate_counts", ["ends_at"])


def downgrade() -> None:
    op.drop_table("rate_counts")
