"""Guides: whoever listens is told of every change of an item when it commits."""

from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

_TELL = """
CREATE FUNCTION tell_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tongban_catalog_item', NEW.local_code);
    RETURN NULL;
END $$
"""
_TABLES = ("items", "item_versions")


def upgrade() -> None:
    op.execute(_TELL)
    for table in _TABLES:
        op.execute(f"CREATE TRIGGER {table}_tell AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION tell_of_item()")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_tell ON {table}")
    op.execute("DROP FUNCTION tell_of_item()")
