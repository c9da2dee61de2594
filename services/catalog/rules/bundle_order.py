"""The order of a bundle's items: a graph without circles; what does not wait for each other runs side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.catalog.rules.bundle import Member, OverallLimit
from standards.working_days import DueDate, WorkingCalendar

After = Mapping[str, Sequence[str]]


def circle(after: After) -> list[str]:
    """A chain of items each of which waits for the next and the last for the first; empty when there is none."""
    done: set[str] = set()

    def walk(code: str, way: list[str]) -> list[str]:
        if code in way:
            return way[way.index(code) :]
        if code in done:
            return []
        for one in after.get(code, ()):
            if found := walk(one, [*way, code]):
                return found
        done.add(code)
        return []

    for code in after:
        if found := walk(code, []):
            return found
    return []


def in_order(after: After) -> list[str]:
    """Every item after those it waits for; otherwise as they are given. There is no circle."""
    placed: dict[str, None] = {}

    def place(code: str) -> None:
        for one in after[code]:
            place(one)
        placed.setdefault(code)

    for code in after:
        place(code)
    return list(placed)


def all_before(after: After) -> dict[str, frozenset[str]]:
    """For each item all that are done before it, near and far."""
    before: dict[str, frozenset[str]] = {}
    for code in in_order(after):
        before[code] = frozenset(after[code]).union(*(before[one] for one in after[code]))
    return before


def stages(after: After) -> dict[str, int]:
    """1 for what waits for nothing, else one more than the latest it waits for."""
    found: dict[str, int] = {}
    for code in in_order(after):
        found[code] = 1 + max((found[one] for one in after[code]), default=0)
    return found


def overall_limit(members: Sequence[Member]) -> OverallLimit:
    """The longest chain. A calendar day is taken for a working day: n of them, moved on to a working day, are never more than n."""
    by_code = {member.code: member for member in members}
    after = {member.code: member.said.after for member in members}
    chains: dict[str, tuple[int, list[str]]] = {}
    for code in in_order(after):
        days, way = max((chains[one] for one in after[code]), key=lambda chain: chain[0], default=(0, []))
        chains[code] = days + by_code[code].content.promised_limit.days, [*way, code]
    days, path = max(chains.values(), key=lambda chain: chain[0])
    is_bound = any(by_code[code].content.promised_limit.unit == "calendar_day" for code in path)
    return OverallLimit(days=days, is_bound=is_bound, path=path)


@dataclass(frozen=True, slots=True)
class Timed:
    """An item of a plan: begun on the day the last item it waits for is due, and due itself."""

    code: str
    begins_on: date
    due: DueDate


def timetable(limits: Mapping[str, tuple[int, str]], after: After, start: date, calendar: WorkingCalendar) -> list[Timed]:
    """When each item is due at the latest if all begins on a day. `limits` are (days, unit). Raises ValueError past year 9999."""
    timed: dict[str, Timed] = {}
    for code in in_order(after):
        earlier = [timed[one].due for one in after[code]]
        begins_on = max((due.date for due in earlier), default=start)
        days, unit = limits[code]
        due = calendar.add_working_days(begins_on, days) if unit == "working_day" else calendar.add_calendar_days(begins_on, days)
        timed[code] = Timed(code, begins_on, DueDate(due.date, due.is_provisional or any(one.is_provisional for one in earlier)))
    return [timed[code] for code in after]
