"""Alembic's entry point for the certificate library."""

from chassis.migrations import run_env
from services.certificates.tables import metadata

run_env(metadata)
