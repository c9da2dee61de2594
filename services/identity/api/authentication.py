"""Proving who one is by password, with attempts counted before they are judged.

Two steps, each in a transaction of its own or in none: count, then judge (a tenth of a second of work, no connection held).
"""

from dataclasses import dataclass

from services.identity.api.edge import seconds_to_wait_before
from services.identity.commands.count_attempts import forget_failures, forgive_source
from services.identity.parts import Parts
from services.identity.queries.principals import find_account
from services.identity.rules.claims import Principal
from services.identity.rules.people import parse_login
from services.identity.rules.throttling import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_SOURCE


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """No such account, or not its password: which one is not said."""


@dataclass(frozen=True, slots=True)
class Throttled:
    seconds: int


async def authenticate(parts: Parts, *, login: str, password: str, source: str) -> Principal | WrongPassword | Throttled:
    """The one whose login and password they are."""
    typed = parse_login(login)
    named = f"{typed.kind}:{typed.value}" if typed else f"none:{login}"
    by_account = f"account:{parts.keys.blind_index('login', named)}"
    by_source = f"sign-in:{parts.keys.blind_index('source', source)}"
    if seconds := await seconds_to_wait_before(parts, {by_account: SIGN_IN_PER_ACCOUNT, by_source: SIGN_IN_PER_SOURCE}):
        return Throttled(seconds)
    account = None
    if typed is not None:
        async with parts.db.read() as tx:
            account = await find_account(tx, typed, parts.keys)
    principal, password_hash = account or (None, None)
    if not await parts.passwords.is_right(password_hash, password) or principal is None:
        return WrongPassword()
    async with parts.db.write() as tx:
        await forget_failures(tx, by_account)
        await forgive_source(tx, by_source)
    return principal
