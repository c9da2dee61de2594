"""A kiosk asks whether somebody has confirmed it, and signs them on, once. Refusals are answers: a question counts and must commit."""

import secrets
from uuid import UUID

from chassis.database import WriteTx
from services.identity.commands.redeem import Redeemed, go_on
from services.identity.rules.authorization import Fault
from services.identity.rules.clients import Client, secret_digest
from services.identity.rules.device_grants import SESSION, DeviceGrant
from services.identity.rules.sessions import BrowserSession
from services.identity.rules.ways import QR
from services.identity.store import device_grants, grants, sessions


async def redeem_device_code(tx: WriteTx, device_code: str, *, client: Client, device_id: UUID) -> Redeemed | Fault:
    """The sign-in at the kiosk, which is authenticated before."""
    found = await device_grants.by_device_code(tx, secret_digest(device_code))
    if found is None or found.device_id != device_id:
        return Fault("invalid_grant", "no such code for this kiosk")
    if found.family_id is not None:
        await grants.revoke_family(tx, found.family_id)
        return Fault("invalid_grant", "the code was used before; everything issued from it is revoked")
    if refusal := found.refusal(tx.now):
        seconds = found.slower_seconds if refusal.error == "slow_down" else found.interval_seconds
        await device_grants.note_question(tx, found.id, interval_seconds=seconds)
        return refusal
    return await _sign_on(tx, found, client)


async def _sign_on(tx: WriteTx, found: DeviceGrant, client: Client) -> Redeemed:
    """A session of its own, which the person sees in their account and can end there."""
    assert found.subject is not None
    assert found.confirmed_at is not None
    session = BrowserSession(
        tx.clock.new_id(), found.subject, "person", found.confirmed_at, tx.now + SESSION, methods=QR, kiosk=client.name
    )  # fmt: skip
    family_id = tx.clock.new_id()
    family = {
        "client_id": client.client_id,
        "subject": session.subject,
        "subject_kind": session.kind,
        "session_id": session.id,
        "scopes": sorted(found.scopes),
        "nonce": "",
        "signed_in_at": session.signed_in_at,
        "expires_at": session.expires_at,
        "methods": list(session.methods),
    }
    await sessions.insert_session(tx, session, secret_digest(secrets.token_urlsafe(32)))
    await grants.insert_family(tx, {"id": family_id, **family})
    await device_grants.mark_used(tx, found.id, family_id)
    return await go_on(tx, {"family_id": family_id, **family})
