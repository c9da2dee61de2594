"""Guides: whoever listens is told of every change of an item and of its life when it commits."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TELL = """
CREATE FUNCTION tell_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tongban_catalog_item', NEW.local_code);
    RETURN NULL;
END $$
"""
_TELL_OF_VERSION = """
CREATE FUNCTION tell_of_item_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tongban_catalog_item', (SELECT local_code FROM item_versions WHERE id = NEW.version_id));
    RETURN NULL;
END $$
"""
_TABLES = {
    "items": "tell_of_item",
    "item_versions": "tell_of_item",
    "item_standings": "tell_of_item",
    "item_delegations": "tell_of_item",
    "item_recalls": "tell_of_item_version",
}


def upgrade() -> None:
    op.execute(_TELL)
    op.execute(_TELL_OF_VERSION)
    for table, function in _TABLES.items():
        op.execute(f"CREATE TRIGGER {table}_tell AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TRIGGER {table}_tell ON {table}")
    op.execute("DROP FUNCTION tell_of_item_version()")
    op.execute("DROP FUNCTION tell_of_item()")
