"""The gateway's migration environment."""

from chassis.migrations import run_env
from gateway.tables import metadata

run_env(metadata)
