"""`tongban migrate`: what a deployment runs before new code starts."""

from collections.abc import Sequence
import os
from pathlib import Path

from host.services import GATEWAY, chosen
from host.up import environment_of, prepare_databases


async def migrate(names: Sequence[str]) -> list[str]:
    """Create and upgrade the databases of some services on TONGBAN_DATABASE_URL; answers what was said."""
    url = os.environ.get("TONGBAN_DATABASE_URL")
    if not url:
        raise SystemExit("set TONGBAN_DATABASE_URL to your PostgreSQL server, for example postgresql://user:password@host:5432")
    environment = environment_of(Path(os.environ.get("TONGBAN_VAR", "var")).absolute(), url)
    entries = chosen(names)
    changed = await prepare_databases(environment, entries)
    return [f"{name}: {'upgraded' if name in changed else 'up to date'}" for name in (GATEWAY, *(entry.name for entry in entries))]
