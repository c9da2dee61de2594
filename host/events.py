"""`tongban events …`: lag, dead letters, replay, as an operator sees them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from bus import BusUnavailable, Position
from chassis import inbox
from chassis.clock import LOCAL_ZONE
from chassis.logs import masked
from host.operations import open_services

Say = Callable[[str], None]

_OPEN: tuple[inbox.State, ...] = ("parked", "replaying")
_EVERY: tuple[inbox.State, ...] = ("parked", "replaying", "resolved", "dropped")


async def list_dead(names: Sequence[str], var: Path, *, all_states: bool, say: Say) -> None:
    """One line a letter, and what to do about them."""
    count = 0
    async with open_services(var, names) as services:
        for service in services:
            async with service.db.read() as tx:
                found = await inbox.letters(tx, states=_EVERY if all_states else _OPEN)
            count += len(found)
            for letter in found:
                at = letter.parked_at.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M:%S")
                say(
                    f"{service.entry.name}\t{letter.id}\t{letter.state}\t{at}\t{letter.consumer}\t{letter.type}\tkey={letter.record.key}\t{letter.error}"
                )
    if count:
        say(
            f"{count} 条 letters. 查看 show: tongban events dead show ID --service NAME；重放 replay: tongban events dead replay ID --service NAME"
        )
    else:
        say("没有搁置的事件 nothing is parked")


async def show_dead(name: str, letter_id: int, var: Path, *, say: Say) -> int:
    async with open_services(var, [name]) as [service], service.db.read() as tx:
        letter = await inbox.letter(tx, letter_id)
    if letter is None:
        say(f"{name} has no letter {letter_id}")
        return 1
    say(orjson.dumps(letter.summary(), option=orjson.OPT_INDENT_2).decode())
    for header, value in letter.record.headers:
        say(f"{header}: {value.decode('utf-8', 'replace')}")
    say(masked(letter.record.value.decode("utf-8", "replace")))
    return 0


async def replay_dead(name: str, var: Path, *, letter: int | None, key: str | None, every: bool, say: Say) -> int:
    if letter is None and key is None and not every:
        say("say which: a letter's id, --key KEY, or --every")
        return 2
    async with open_services(var, [name]) as [service], service.db.write() as tx:
        count = await inbox.request_replay(tx, letter_id=letter, key=key)
    say(f"{count} 条将按序重放 letters will be replayed in order by the running {name}; see: tongban events dead list --service {name}")
    return 0 if count else 1


async def drop_dead(name: str, letter_id: int, var: Path, *, say: Say) -> int:
    async with open_services(var, [name]) as [service], service.db.write() as tx:
        is_dropped = await inbox.drop(tx, letter_id)
        letter = await inbox.letter(tx, letter_id)
        behind = await inbox.letters(tx, states=("parked",), consumer=letter.consumer, key=letter.record.key) if letter else []
    if not is_dropped:
        say(f"{name} has no parked letter {letter_id}")
        return 1
    say(f"已放弃 dropped {letter_id}")
    if behind:
        say(
            f"{len(behind)} 条同键事件仍在等待 later events of the key wait; replay them: tongban events dead replay {behind[0].id} --service {name}"
        )
    return 0


async def show_lag(names: Sequence[str], var: Path, *, say: Say) -> None:
    async with open_services(var, names) as services:
        for service in services:
            for consumer in service.entry.consumers:
                try:
                    await service.bus.start()
                    lags = await service.bus.lag(consumer.name, consumer.topics)
                except BusUnavailable as error:
                    raise SystemExit(f"the bus is away: {error}") from error
                behind = sum(lag.records for lag in lags.values())
                say(
                    f"{consumer.name}\t{behind}\t"
                    + " ".join(f"{tp.topic}/{tp.partition}:{lag.committed}/{lag.end}" for tp, lag in sorted(lags.items()) if lag.records)
                )


async def replay(name: str, start: str, var: Path, *, consumer: str, again: bool, say: Say) -> int:
    """Rewind consumers; with `again` also forget what they handled, so that it takes effect anew."""
    position = _position(start)
    if position is None:
        say("--from takes an offset (0) or a time (2026-10-01T08:00:00+08:00)")
        return 2
    async with open_services(var, [name]) as [service]:
        found = [c for c in service.entry.consumers if not consumer or c.name == consumer]
        if not found:
            say(f"{name} has no consumer {consumer}; there are " + ", ".join(c.name for c in service.entry.consumers))
            return 1
        for each in found:
            if again:
                async with service.db.write() as tx:
                    count = await inbox.forget(tx, each.name, position if isinstance(position, datetime) else None)
                say(f"{each.name}: {count} 条记录将再次生效 handled events forgotten")
            await service.bus.start()
            for topic in each.topics:
                places = await service.bus.rewind(each.name, topic, position)
                say(f"{each.name}\t{topic}\t" + " ".join(f"{tp.partition}:{offset}" for tp, offset in sorted(places.items())))
    return 0


def _position(text: str) -> Position | None:
    if text.isdigit():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
