"""One real Apache Kafka 4 broker (KRaft, broker and controller in one process) for tests and `make stack`.

Invariants:
- data, settings and the log are in one work directory; starting again on it continues with the same data and ports;
- a broker left running by a killed owner is adopted, not fought;
- a broker that does not come up raises KafkaFailed with the tail of its log.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
import shutil
import socket
import subprocess
import time
from types import TracebackType
from typing import Self

import psutil

from host.stack.kafka_jars import JavaMissing, MavenMissing, ensure_jars, find_java, what_kafka_lacks
from host.stack.processes import is_alive, kill_family, wait_until_gone

__all__ = ["JavaMissing", "KafkaBroker", "KafkaFailed", "MavenMissing", "what_kafka_lacks"]

_START_SECONDS = 120
_STOP_SECONDS = 30
_STARTED = "Kafka Server started"

# Half the CPU of starting (2.4 s for 4.6), and no difference seen afterwards at one machine's rates.
_JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms256m")

_LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""


class KafkaFailed(RuntimeError):
    """The broker could not be formatted or did not become ready."""


class KafkaBroker:
    """One broker on 127.0.0.1. `jars` is the cache of its jars, kept between runs (see ensure_jars).

    Blocking: `start`, `stop`, `kill`; a stopped or killed broker can be started again. From a coroutine use `async with`.
    """

    def __init__(
        self, work_dir: Path, *, jars: Path, port: int, controller_port: int, heap: str = "512m", settings: Mapping[str, str] | None = None
    ) -> None:
        self.directory = work_dir.absolute()
        self.port = port
        self._jars = jars.absolute()
        self._controller_port = controller_port
        self._heap = heap
        self._extra_settings = dict(settings or {})
        self._process: psutil.Process | None = None

    @property
    def bootstrap(self) -> str:
        """What a client connects to."""
        return f"127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        return self.directory / "kafka.log"

    def start(self) -> None:
        """Fetch, format and start as needed; returns when the broker is ready.

        Raises MavenMissing, JavaMissing, KafkaFailed.
        """
        if self._process is not None and is_alive(self._process):
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        self._process = self._left_running()
        if self._process is None:
            java = [str(find_java()), "-cp", f"{ensure_jars(self._jars)}/*"]
            self._write_settings()
            self._format(java)
            self._launch(java)

    def stop(self) -> None:
        """Controlled shutdown, killed when it takes too long. Does nothing when down."""
        process = self._process
        if process is not None and is_alive(process):
            with suppress(psutil.NoSuchProcess):
                process.terminate()
            if not wait_until_gone([process], _STOP_SECONDS):
                kill_family(process, _STOP_SECONDS)
        self._forget()

    def kill(self) -> None:
        """SIGKILL: what was acknowledged is in the page cache and survives, clients see broken connections."""
        if self._process is not None:
            kill_family(self._process, _STOP_SECONDS)
        self._forget()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    @property
    def _pid_path(self) -> Path:
        return self.directory / "kafka.pid"

    def _forget(self) -> None:
        if self._process is not None:
            with suppress(psutil.TimeoutExpired):
                # Reaps our own child. Its threads may still be ending when it already looks dead, hence the time.
                self._process.wait(_STOP_SECONDS)
        self._process = None
        self._pid_path.unlink(missing_ok=True)

    def _left_running(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self._pid_path.read_text()))
            ours = is_alive(process) and str(self._properties) in process.cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        if not ours:
            return None
        self._wait_ready(process, log_from=0)
        return process

    def _write_settings(self) -> None:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self.directory / "log"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            # A killed broker is let in again only when the controller has given its former self up.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            **self._extra_settings,
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (self.directory / "log4j2.properties").write_text(_LOG4J)

    def _format(self, java: list[str]) -> None:
        log = self.directory / "log"
        if (log / "meta.properties").exists():
            return
        shutil.rmtree(log, ignore_errors=True)  # an interrupted format
        cluster = subprocess.run([*java, "kafka.tools.StorageTool", "random-uuid"], capture_output=True, text=True, check=True).stdout
        tool = [*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster.strip(), "-c", str(self._properties)]
        done = subprocess.run(tool, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise KafkaFailed(f"format failed:\n{done.stdout}\n{done.stderr}")

    def _launch(self, java: list[str]) -> None:
        with self.log_path.open("ab") as log:
            log_from = log.tell()
            # psutil.Popen, so that an adopted broker and our own child are the same kind of thing.
            process = psutil.Popen(
                [
                    java[0],
                    *_JVM,
                    f"-Xmx{self._heap}",
                    f"-Dlog4j2.configurationFile={self.directory / 'log4j2.properties'}",
                    *java[1:],
                    "kafka.Kafka",
                    str(self._properties),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                start_new_session=True,  # Ctrl-C is for the owner, who then stops the broker in order
            )
        self._pid_path.write_text(str(process.pid))
        self._process = process
        try:
            self._wait_ready(process, log_from)
        except BaseException:
            self.kill()
            raise

    def _wait_ready(self, process: psutil.Process, log_from: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with self.log_path.open("rb") as log:
                log.seek(log_from)
                said = log.read().decode(errors="replace")
            if _STARTED in said and self._accepts():
                return
            if not is_alive(process) or time.monotonic() > deadline:
                tail = "\n".join(said.splitlines()[-30:])
                raise KafkaFailed(f"Kafka did not become ready on port {self.port}:\n{tail}")
            time.sleep(0.05)

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
