"""Alembic's entry into approval's tree."""

from chassis.migrations import run_env
from services.approval.tables import metadata

run_env(metadata)
