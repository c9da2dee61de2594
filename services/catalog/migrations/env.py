"""The catalog's migration environment."""

from chassis.migrations import run_env
from services.catalog.tables import metadata

run_env(metadata)
