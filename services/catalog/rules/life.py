"""What is in force is a function of the clock: nothing has to run for a version to begin, a delegation to end, a withdrawal to count.

In force at an instant is, of the versions not taken back, the one that began last (of two that begin at once the later published).
The standing at an instant is what was recorded last of those that had begun. Instants are aware; a span has its begin and not its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
import zlib

State = Literal["active", "frozen", "withdrawn"]
RequestKind = Literal["restart", "withdraw"]


def may_begin(begins: datetime, newest: datetime | None, now: datetime) -> bool:
    """Whether a new version may begin then: not in the past, and after what is published already.

    A version that waits for its instant has to be taken back before another may begin at that instant or earlier: what was announced
    is not replaced in silence.
    """
    if begins < now:
        return False
    return newest is None or newest <= now or begins > newest


def why_not_frozen(state: State) -> State | None:
    """What stands against freezing: it is frozen, or withdrawn, already."""
    return None if state == "active" else state


def may_request(kind: RequestKind, state: State, *, is_withdrawal_ahead: bool) -> bool:
    """A restart is for what is frozen; a withdrawal for what is not withdrawn, now or ahead."""
    if kind == "restart":
        return state == "frozen"
    return state != "withdrawn" and not is_withdrawal_ahead


def may_review(reviewer: str, writers: Iterable[str]) -> bool:
    """Nobody reviews what they wrote, be it one word of it."""
    return reviewer not in frozenset(writers)


@dataclass(frozen=True, slots=True)
class Life:
    """An item at an instant. `version_number` is None before its first version; `next_at` is when this may differ next."""

    local_code: str
    at: datetime
    version_id: UUID | None
    version_number: int | None
    state: State
    standing_number: int
    since: datetime | None
    reason: str | None
    document: str | None
    moved_to: str | None
    delegations: Sequence[UUID]
    next_at: datetime | None

    @property
    def tag(self) -> str:
        """Names what the guide says at this instant: the version's number, and more only where there is more to say."""
        if self.standing_number == 0 and not self.delegations:
            return str(self.version_number)
        said = f"{self.standing_number}:{','.join(str(one) for one in self.delegations)}"
        return f"{self.version_number}-{zlib.crc32(said.encode()):08x}"
