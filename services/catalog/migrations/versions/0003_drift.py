"""Base catalogs: editions, entries, redirects of old codes, differences and what was decided of them."""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEEP_EDITIONS = """
CREATE FUNCTION refuse_change_of_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an imported edition and what was decided of it never change';
END $$
"""
_KEPT = ("base_editions", "base_edition_entries", "base_decisions")


def _edition_key(table: str, number: str = "edition") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["catalog", number], ["base_editions.catalog", "base_editions.number"], name=op.f(f"fk_{table}_catalog"))


def _entries() -> None:
    op.create_table(
        "base_editions",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.CheckConstraint("file_kind IN ('csv', 'xlsx', 'json')", name=op.f("ck_base_editions_file_kind")),
        sa.PrimaryKeyConstraint("catalog", "number", name=op.f("pk_base_editions")),
    )
    op.create_table(
        "base_edition_entries",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("entry", postgresql.JSONB(), nullable=False),
        _edition_key("base_edition_entries"),
        sa.PrimaryKeyConstraint("catalog", "edition", "code", name=op.f("pk_base_edition_entries")),
    )
    op.create_table(
        "base_entries",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("entry", postgresql.JSONB(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _edition_key("base_entries"),
        sa.PrimaryKeyConstraint("catalog", "code", name=op.f("pk_base_entries")),
    )
    op.create_table(
        "base_redirects",
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("old_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("old_code <> code", name=op.f("ck_base_redirects_no_loop")),
        sa.ForeignKeyConstraint(["catalog", "code"], ["base_entries.catalog", "base_entries.code"], name=op.f("fk_base_redirects_catalog")),
        sa.PrimaryKeyConstraint("catalog", "old_code", name=op.f("pk_base_redirects")),
    )
    op.create_index("ix_base_redirects_code", "base_redirects", ["catalog", "code"])


def _reviews() -> None:
    op.create_table(
        "base_differences",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.Column("decision", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('added', 'deleted', 'renamed', 'recoded', 'changed')", name=op.f("ck_base_differences_kind")),
        sa.CheckConstraint("decision IN ('accepted', 'rejected', 'postponed')", name=op.f("ck_base_differences_decision")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_base_differences_confidence")),
        _edition_key("base_differences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_differences")),
    )
    op.create_index("uq_base_differences_position", "base_differences", ["catalog", "edition", "position"], unique=True)
    op.create_table(
        "base_decisions",
        sa.Column("difference_id", postgresql.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["difference_id"], ["base_differences.id"], name=op.f("fk_base_decisions_difference_id")),
        sa.PrimaryKeyConstraint("difference_id", "version", name=op.f("pk_base_decisions")),
    )


def upgrade() -> None:
    op.create_index("ix_item_versions_base_code", "item_versions", [sa.text("(content ->> 'base_code')")])
    _entries()
    _reviews()
    op.execute(_KEEP_EDITIONS)
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_edition()"
        )


def downgrade() -> None:
    for table in ("base_decisions", "base_differences", "base_redirects", "base_entries", "base_edition_entries", "base_editions"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_edition()")
    op.drop_index("ix_item_versions_base_code", "item_versions")
