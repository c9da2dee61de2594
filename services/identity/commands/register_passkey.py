"""Register a passkey that somebody's authenticator made for a challenge of ours."""

from typing import Any
from uuid import UUID

from chassis.database import WriteTx
from services.identity.commands.begin_passkey import answered_challenge
from services.identity.errors import PasskeyExists, PasskeyRefused, TooManyPasskeys
from services.identity.passkeys import verified_registration
from services.identity.rules.passkeys import MOST_PASSKEYS, RelyingParty, challenge_in
from services.identity.store import passkeys


async def register_passkey(tx: WriteTx, credential: dict[str, Any], *, name: str, subject: UUID, kind: str, party: RelyingParty) -> UUID:
    """Its id. Raises PasskeyRefused, PasskeyExists, TooManyPasskeys."""
    challenge = await answered_challenge(tx, challenge_in(credential), subject=subject)
    made = verified_registration(party, challenge, credential) if challenge is not None else None
    if made is None:
        raise PasskeyRefused()
    if len(await passkeys.credential_ids_of(tx, subject)) >= MOST_PASSKEYS:
        raise TooManyPasskeys(most=MOST_PASSKEYS)
    passkey_id = tx.clock.new_id()
    row = {
        "id": passkey_id,
        "credential_id": made.credential_id,
        "subject": subject,
        "subject_kind": kind,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "is_synced": made.is_synced,
        "name": name,
        "created_at": tx.now,
    }
    if not await passkeys.insert_passkey(tx, row):
        raise PasskeyExists()
    return passkey_id
