"""One process's standing in all its groups: a single connection that holds every lock, listens and notifies.

Invariants:
- a lock lives exactly as long as the connection; any failed statement on it ends the connection, so what this process
  believes it holds and what the server grants never drift apart;
- `generation` grows with every new connection: what was owned under an earlier one is owned no more;
- locks are taken and given up only under the generation their owner knows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, Protocol

import asyncpg

from bus import postgres_sql as sql
from bus.protocol import BusUnavailable
from chassis.logs import get_logger
from chassis.tasks import end

REFRESH_SECONDS = 1.0
"""How often memberships are read without being told: bounds how long a killed member's partitions wait."""

RETRY_SECONDS = 0.25
STATEMENT_SECONDS = 10.0

_log = get_logger(__name__)


class Topic(NamedTuple):
    id: int
    name: str
    partitions: int


class Slot(NamedTuple):
    """A partition as one group sees it: the group's reader of the topic, and the partition's number."""

    reader_id: int
    partition: int


class Taken(NamedTuple):
    """What acquiring a slot gives: the right to commit under `epoch`, reading from `committed`."""

    epoch: int
    committed: int


class Member(Protocol):
    """What the session needs of a subscription. `disturb`: ownership may have changed; `wake`: records may have come."""

    id: int
    readers: Mapping[str, int]
    """Topic to the number of its reader: the pair of group and topic."""

    def disturb(self) -> None: ...

    def wake(self) -> None: ...


@contextmanager
def bus_unavailable(doing: str) -> Iterator[None]:
    """Turns what asyncpg raises when the server is away, restarting or overloaded into BusUnavailable."""
    try:
        yield
    except asyncpg.exceptions.DataError:
        raise
    except (
        OSError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # a connection the server is just closing
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        raise BusUnavailable(f"{doing}: {type(error).__name__}: {error}") from error


class GroupSession:
    """Keeps the connection, the list of members of each reader, and the epochs; wakes the members of this process."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], topics: dict[str, Topic]) -> None:
        self.generation = 0
        self.members: dict[int, list[int]] = {}
        self.epochs: dict[Slot, int] = {}
        self.holders: dict[Slot, Member] = {}  # PostgreSQL lets one session lock twice: within the process this decides
        self._connect = connect
        self._topics = topics
        self._local: set[Member] = set()
        self._connection: Any = None
        self._lock = asyncio.Lock()
        self._due = asyncio.Event()
        self._connected = asyncio.Event()
        self._announcements: set[str] = set()
        self._announce_due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect and keep connected. Raises BusUnavailable."""
        with bus_unavailable("connect"):
            await self._open()
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._announce())]

    async def stop(self) -> None:
        await end(*self._tasks)
        self._drop()

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    async def wait_connected(self, seconds: float) -> None:
        """Raises BusUnavailable when there is no connection within the time."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._connected.wait()
        except TimeoutError as error:
            raise BusUnavailable("no connection to the bus's database") from error

    async def join(self, member: Member) -> None:
        """Make a member count in the sharing of its topics' partitions. Raises BusUnavailable."""
        self._local.add(member)
        await self._join([member])
        await self._refresh()

    async def leave(self, member: Member) -> None:
        """Free the member's partitions for others at once. Raises BusUnavailable; the locks are gone then anyway."""
        self._local.discard(member)
        slots = [slot for slot, holder in self.holders.items() if holder is member]
        for slot in slots:
            del self.holders[slot]
        await self._run(sql.LEAVE, list(member.readers.values()), member.id)
        if slots:
            await self._run(sql.RELEASE, *_columns(slots))
        await self.announce_groups()

    async def acquire(self, member: Member, slots: Iterable[Slot], generation: int) -> dict[Slot, Taken]:
        """Those of the slots that were free and are the member's now. Raises BusUnavailable."""
        free = [slot for slot in slots if slot not in self.holders]
        if not free:
            return {}
        self.holders |= dict.fromkeys(free, member)
        taken: dict[Slot, Taken] = {}
        try:
            rows = await self._run(sql.ACQUIRE, *_columns(free), generation=generation)
            taken = {Slot(row["reader_id"], row["partition"]): Taken(row["epoch"], row["committed"]) for row in rows}
        finally:
            self._unhold(member, [slot for slot in free if slot not in taken])
        self.epochs |= {slot: granted.epoch for slot, granted in taken.items()}
        return taken

    async def release(self, member: Member, slots: Sequence[Slot], generation: int) -> None:
        """Give slots up and tell the other members. Raises BusUnavailable."""
        await self._run(sql.RELEASE, *_columns(slots), generation=generation)
        self._unhold(member, slots)
        await self.announce_groups()

    def announce(self, topics: Iterable[str]) -> None:
        """Records were appended: wake this process's members now, other processes' by a notification behind it."""
        names = set(topics)
        self._wake(names)
        self._announcements |= names
        self._announce_due.set()

    async def announce_groups(self) -> None:
        """Memberships or epochs changed: have every process look. Raises BusUnavailable."""
        await self._run(sql.NOTIFY_GROUPS)

    def _unhold(self, member: Member, slots: Iterable[Slot]) -> None:
        for slot in slots:
            if self.holders.get(slot) is member:
                del self.holders[slot]

    async def _join(self, members: Iterable[Member]) -> None:
        for member in members:
            await self._run(sql.JOIN, list(member.readers.values()), member.id)
        await self.announce_groups()

    async def _refresh(self) -> None:
        """Read who is a member and which epochs hold; disturb the members, whose share may have changed."""
        readers = sorted({reader for member in self._local for reader in member.readers.values()})
        if any(topic not in self._topics for member in self._local for topic in member.readers):
            self._topics |= {row["name"]: Topic(*row) for row in await self._run(sql.TOPICS)}
        rows = await self._run(sql.MEMBERS, readers)
        # A member that left while the session was being renewed may have been entered once more.
        own = {member.id for member in self._local}
        for row in rows:
            if row["is_own"] and row["member"] not in own:
                await self._run(sql.LEAVE, [row["reader_id"]], row["member"])
        members: dict[int, list[int]] = {}
        for row in rows:
            members.setdefault(row["reader_id"], []).append(row["member"])
        self.members = {reader: sorted(ids) for reader, ids in members.items()}
        epochs = await self._run(sql.EPOCHS, readers)
        self.epochs = {Slot(row["reader_id"], row["partition"]): row["epoch"] for row in epochs}
        for member in self._local:
            member.disturb()

    async def _open(self) -> None:
        self._drop()
        connection = await self._connect()
        try:
            connection.add_termination_listener(lambda _: self._due.set())
            await connection.add_listener("tongban_bus_records", lambda _c, _p, _n, topic: self._wake({topic}))
            await connection.add_listener("tongban_bus_groups", lambda *_: self._due.set())
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self.generation += 1
        self.holders.clear()
        await self._join(list(self._local))
        self._connected.set()

    async def _keep(self) -> None:
        while True:
            try:
                if not self.is_connected:
                    with bus_unavailable("reconnect"):
                        await self._open()
                    _log.info("bus session opened", generation=self.generation)
                await self._refresh()
            except BusUnavailable as error:
                _log.warning("bus session lost", error=str(error))
                self._drop()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_SECONDS):
                    await self._due.wait()
            self._due.clear()

    async def _announce(self) -> None:
        while True:
            await self._announce_due.wait()
            self._announce_due.clear()
            topics, self._announcements = self._announcements, set()
            try:
                await self._run(sql.NOTIFY_RECORDS, sorted(topics))
            except BusUnavailable as error:
                # Readers elsewhere find the records at their next look, within their fetch's wait.
                _log.debug("notification not sent", error=str(error))

    async def _run(self, statement: str, *arguments: object, generation: int | None = None) -> list[Any]:
        async with self._lock:
            connection = self._connection
            if connection is None or (generation is not None and generation != self.generation):
                raise BusUnavailable("the session with the bus's database was lost")
            try:
                with bus_unavailable("session"):
                    rows: list[Any] = await connection.fetch(statement, *arguments, timeout=STATEMENT_SECONDS)
            except BaseException:
                if connection is self._connection:
                    self._drop()
                    self._due.set()
                raise
            return rows

    def _drop(self) -> None:
        self._connected.clear()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _wake(self, topics: set[str]) -> None:
        for member in self._local:
            if not topics.isdisjoint(member.readers):
                member.wake()


def _columns(slots: Sequence[Slot]) -> tuple[list[int], list[int]]:
    return [slot.reader_id for slot in slots], [slot.partition for slot in slots]
