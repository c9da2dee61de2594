"""Attempts on an account: counted before they are judged, by place where its owner has been, all strangers together elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from chassis.crypto import KeyRing
from chassis.database import WriteTx
from services.identity.api.edge import seconds_to_wait_before
from services.identity.commands.count_attempts import forget_failures, forgive_source
from services.identity.commands.register_person import citizen_id_context, phone_context
from services.identity.parts import Parts
from services.identity.rules.throttling import PLACE_KEPT, Limit
from services.identity.store import recoveries, subjects


@dataclass(frozen=True, slots=True)
class Attempt:
    """`seconds` to wait before it may be judged, 0 for none. The keys are those it was counted under."""

    by_account: str
    by_source: str
    source: str
    seconds: int


async def begin_attempt(parts: Parts, purpose: str, login: str, source: str, *, per_account: Limit, per_source: Limit) -> Attempt:
    """Count an attempt on the account of a login (`kind:value`) from a source, whether or not there is such an account."""
    place = place_key(parts.keys, login, source)
    async with parts.db.read() as tx:
        is_known = await recoveries.is_known_place(tx, place, since=tx.now - PLACE_KEPT)
    by_account = f"{purpose}:place:{place}" if is_known else f"{purpose}:account:{parts.keys.blind_index('login', login)}"
    by_source = f"{purpose}:source:{parts.keys.blind_index('source', source)}"
    seconds = await seconds_to_wait_before(parts, {by_account: per_account, by_source: per_source})
    return Attempt(by_account, by_source, source, seconds)


async def attempt_was_right(tx: WriteTx, attempt: Attempt) -> None:
    """Give back what it counted."""
    await forget_failures(tx, attempt.by_account)
    await forgive_source(tx, attempt.by_source)


async def remember_person(tx: WriteTx, keys: KeyRing, person_id: UUID, source: str) -> None:
    """The person has proven themselves from here: this place is theirs, by whichever login they come."""
    row = await subjects.person(tx, person_id)
    if row is not None:
        number = keys.decrypt(row["citizen_id"], context=citizen_id_context(person_id))
        phone = keys.decrypt(row["phone"], context=phone_context(person_id))
        await remember_logins(tx, keys, [f"citizen-id:{number}", f"phone:{phone}"], source)


async def remember_logins(tx: WriteTx, keys: KeyRing, logins: list[str], source: str) -> None:
    await recoveries.remember_places(tx, [place_key(keys, login, source) for login in logins])


def place_key(keys: KeyRing, login: str, source: str) -> str:
    """A blind index of a login and a source together."""
    return keys.blind_index("place", f"{login}\n{source}")
