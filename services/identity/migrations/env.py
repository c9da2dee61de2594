"""Alembic's entrance to the identity service's tables."""

from chassis.migrations import run_env
from services.identity.tables import metadata

run_env(metadata)
