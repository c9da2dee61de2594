"""Count attempts per account and per source before they are judged, and give back those that were right."""

from collections.abc import Mapping

from chassis.database import WriteTx
from services.identity.rules.throttling import Limit, seconds_to_wait
from services.identity.store import grants


async def count_attempts(tx: WriteTx, limits: Mapping[str, Limit]) -> int:
    """Seconds the caller has to wait, 0 when the attempt may be judged. `limits` are by key; all keys are counted."""
    longest = 0
    for key in sorted(limits):  # one order for everyone: two attempts never wait for each other's second key
        attempts, window_began = await grants.count_attempt(tx, key, limits[key].window)
        longest = max(longest, seconds_to_wait(attempts, window_began, tx.now, limits[key]))
    return longest


async def forgive_source(tx: WriteTx, key: str) -> None:
    """The attempt was right: it does not count against its source."""
    await grants.forgive_attempt(tx, key)


async def forget_failures(tx: WriteTx, key: str) -> None:
    """The account's owner was here: its failures start from nothing."""
    await grants.forget_attempts(tx, key)
