"""Sign in by a passkey. A no is an answer, not an exception: the challenge is used up either way."""

from typing import Any
from uuid import UUID

from chassis.database import WriteTx
from chassis.logs import get_logger
from services.identity.commands.begin_passkey import answered_challenge
from services.identity.passkeys import verified_sign_count
from services.identity.rules.passkeys import RelyingParty, challenge_in, credential_id_in, user_in
from services.identity.store import passkeys

log = get_logger("tongban.identity")


async def use_passkey(tx: WriteTx, credential: dict[str, Any], party: RelyingParty) -> tuple[UUID, str] | None:
    """Whose it is and their kind; None where the answer does not prove it."""
    challenge = await answered_challenge(tx, challenge_in(credential), subject=None)
    credential_id = credential_id_in(credential)
    if challenge is None or credential_id is None:
        return None
    passkey = await passkeys.lock_passkey(tx, credential_id)
    if passkey is None or user_in(credential) != passkey.subject:
        return None
    sign_count = verified_sign_count(party, challenge, credential, passkey)
    if sign_count is None:
        log.warning("a registered passkey's answer was refused: forged, or from a copy", passkey=str(passkey.id))
        return None
    await passkeys.record_use(tx, passkey.id, sign_count)
    return passkey.subject, passkey.kind
