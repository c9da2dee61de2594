"""`make bench [ARGS="http gateway tokens events submission guides search publication startup"]`: measure and print one table."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
import shutil
import sys
import tempfile

from bench.events import measure_events
from bench.figures import Figure, table
from bench.gateway import measure_gateway
from bench.guides import measure_guides
from bench.http import measure_http
from bench.publication import measure_publication
from bench.search import measure_search
from bench.startup import measure_startup
from bench.submission import measure_submission
from bench.tokens import measure_tokens

PARTS: dict[str, Callable[[Path], Awaitable[list[Figure]]]] = {
    "http": measure_http,
    "gateway": measure_gateway,
    "tokens": measure_tokens,
    "events": measure_events,
    "submission": measure_submission,
    "guides": measure_guides,
    "search": measure_search,
    "publication": measure_publication,
    "startup": measure_startup,
}


async def _run(names: list[str]) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        print(f"… {name}", file=sys.stderr, flush=True)
        scratch = Path(tempfile.mkdtemp(prefix=f"tongban-bench-{name}-"))
        try:
            figures += await PARTS[name](scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], help="which to run; all when left out")
    chosen = parser.parse_args().parts or list(PARTS)
    print(table(asyncio.run(_run(chosen))))


if __name__ == "__main__":
    main()
