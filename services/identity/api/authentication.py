"""Proving who one is by password, with attempts counted before they are judged.

Two steps, each in a transaction of its own or in none: count, then judge (a tenth of a second of work, no connection held).
"""

from dataclasses import dataclass

from services.identity.api.attempts import attempt_was_right, begin_attempt, remember_logins, remember_person
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
    attempt = await begin_attempt(parts, "sign-in", named, source, per_account=SIGN_IN_PER_ACCOUNT, per_source=SIGN_IN_PER_SOURCE)
    if attempt.seconds:
        return Throttled(attempt.seconds)
    account = None
    if typed is not None:
        async with parts.db.read() as tx:
            account = await find_account(tx, typed, parts.keys)
    principal, password_hash = account or (None, None)
    if not await parts.passwords.is_right(password_hash, password) or principal is None:
        return WrongPassword()
    async with parts.db.write() as tx:
        await attempt_was_right(tx, attempt)
        if principal.kind == "person":
            await remember_person(tx, parts.keys, principal.subject, source)
        else:
            await remember_logins(tx, parts.keys, [named], source)
    return principal
