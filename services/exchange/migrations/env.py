"""Alembic's entry into the exchange's tree."""

from chassis.migrations import run_env
from services.exchange.tables import metadata

run_env(metadata)
