"""What the whole test suite stands on: real servers, started once per worker, thrown away afterwards.

Invariants:
- a test gets a database of its own, empty, from `fresh_database`; nothing is shared but the server;
- a test that uses `kafka_broker`, or is marked `kafka`, runs in the one xdist group `kafka`: one broker serves the whole run;
- what cannot run here is left out by name in the last lines; where `CI` is set it fails instead.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
import gc
import os
from pathlib import Path
import re
import shutil
import tempfile
from typing import Any
from urllib.parse import urlsplit

from _pytest.terminal import TerminalReporter
import asyncpg
import psutil
import pytest
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

from host.stack.kafka import KafkaBroker, what_kafka_lacks
from host.stack.postgres import EmbeddedPostgres
from host.stack.processes import free_ports
from tests.support.programs import what_apache_lacks, what_nginx_lacks, what_node_lacks

ROOT = Path(__file__).parent.parent
KAFKA_JARS = ROOT / "var" / "kafka-jars"

_LEFT_OUT = pytest.StashKey[dict[str, str]]()
"""The tests that cannot run on this machine, and why."""

_LACKS: Mapping[str, Callable[[], str | None]] = {
    "kafka": lambda: what_kafka_lacks(KAFKA_JARS),
    "node": what_node_lacks,
    "apache": what_apache_lacks,
    "nginx": what_nginx_lacks,
}
"""By marker: what is missing for its tests, if something is."""

_GROUPS_END, _FOLDERS_END = pytest.StashKey[ExitStack](), pytest.StashKey[ExitStack]()

_SCRATCH = "tongban-tests-"

pytest_plugins = ["tests.support.databases"]


class FreshDatabases:
    """Calling it creates one more empty database and gives its `postgresql://` URL; works in any fixture scope."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._count = 0

    def __call__(self, name: str = "test") -> str:
        self._count += 1
        database = f"{re.sub('[^a-z0-9]+', '_', name.lower())[:40]}_{self._count}"
        _in_a_thread(lambda: self._server.ensure_databases([database]))
        return self._server.dsn(database)

    def drop(self, url: str) -> None:
        """Throw a database away early, its connections too."""
        _in_a_thread(lambda: _drop(self._server.dsn("postgres"), urlsplit(url).path.lstrip("/")))


async def _drop(admin: str, database: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    finally:
        await connection.close()


def _in_a_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end from a plain fixture, even while the test's own event loop is running."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A directory for servers. Outside pytest's own, whose parents are shut to the user PostgreSQL runs as."""
    _sweep()
    directory = Path(tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(scratch: Path) -> Iterator[EmbeddedPostgres]:
    """This worker's PostgreSQL. It survives kill -9 as in production; only power cuts are not guarded against."""
    server = EmbeddedPostgres(scratch / "postgres", settings={"fsync": "off"})
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def fresh_database(postgres_server: EmbeddedPostgres) -> FreshDatabases:
    return FreshDatabases(postgres_server)


@pytest.fixture(scope="session")
def kafka_broker(scratch: Path, at_the_groups_end: ExitStack) -> KafkaBroker:
    port, controller_port = free_ports(2)
    broker = KafkaBroker(scratch / "kafka", jars=KAFKA_JARS, port=port, controller_port=controller_port)
    broker.start()
    at_the_groups_end.callback(broker.stop)
    return broker


@pytest.fixture(scope="session")
def at_the_groups_end(pytestconfig: pytest.Config, scratch: Path) -> Iterator[ExitStack]:
    """What ends as soon as this worker has done the last test of an xdist group, long before its session ends.

    A whole suite that only waits takes a tenth of a processor, one on Kafka half of one: all the other tests would pay for it.
    """
    with pytestconfig.stash.setdefault(_GROUPS_END, ExitStack()) as ending:
        yield ending


@pytest.fixture(scope="session")
def at_the_folders_end(pytestconfig: pytest.Config, scratch: Path) -> Iterator[ExitStack]:
    """What ends as soon as this worker has done the last test of an xdist group in one folder."""
    with pytestconfig.stash.setdefault(_FOLDERS_END, ExitStack()) as ending:
        yield ending


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:  # tests of several groups may take turns
        return
    stash, is_same_group = item.config.stash, nextitem is not None and _group(item) == _group(nextitem)
    if not is_same_group or nextitem is None or item.path.parent != nextitem.path.parent:
        stash.get(_FOLDERS_END, ExitStack()).close()
    if not is_same_group:  # a worker does not come back to a group
        stash.get(_GROUPS_END, ExitStack()).close()


def _group(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker is not None else None


def _sweep() -> None:
    """Stop and remove what test runs left behind that were killed before they could."""
    for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*-*"):
        owner = left.name.removeprefix(_SCRATCH).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if Path(process.cwd()).is_relative_to(left):
                    process.kill()
        shutil.rmtree(left, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Plain tracebacks: what structlog draws by itself, every frame with its variables, takes seconds for each."""
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], ConsoleRenderer(exception_formatter=plain_traceback)])


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    of_kafka = [item for item in items if item.get_closest_marker("kafka") or "kafka_broker" in getattr(item, "fixturenames", ())]
    for item in of_kafka:
        item.add_marker("kafka")
        item.add_marker(pytest.mark.xdist_group("kafka"))
    if os.environ.get("CI"):
        return
    left_out: dict[str, str] = {}
    for marker, what_lacks in _LACKS.items():
        needing = [item.nodeid for item in items if item.get_closest_marker(marker)]
        if needing and (lack := what_lacks()) is not None:
            left_out |= dict.fromkeys(needing, lack)
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
        items[:] = [item for item in items if item.nodeid not in left_out]
        config.stash[_LEFT_OUT] = left_out


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays: looking for garbage among it, again and again, costs a sixth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(_LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    left_out = getattr(node, "workeroutput", {}).get("left_out")
    if left_out:
        node.config.stash[_LEFT_OUT] = left_out


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(_LEFT_OUT, {})
    if not left_out:
        return
    terminalreporter.section("left out", yellow=True)
    for lack in dict.fromkeys(left_out.values()):
        names = [name for name, why in left_out.items() if why == lack]
        terminalreporter.line(f"{len(names)} tests were NOT run: {lack}")
        for name in names:
            terminalreporter.line(f"  {name}")
