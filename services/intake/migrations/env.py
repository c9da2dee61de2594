"""Intake's migrations, run by `chassis.migrations`."""

from chassis.migrations import run_env
from services.intake.tables import metadata

run_env(metadata)
