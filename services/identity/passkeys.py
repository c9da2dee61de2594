"""Ceremonies of passkeys: what an authenticator is asked for, and whether its answer proves what it should.

Attestation is not asked for: which make of authenticator somebody owns is not our business. User verification (a PIN, a finger, a face) is
always demanded, so that a found telephone or key signs nobody in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
import struct
from typing import Any
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
import orjson
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.rules.passkeys import CHALLENGE_LIFETIME, Passkey, RelyingParty

_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TIMEOUT_MS = int(CHALLENGE_LIFETIME.total_seconds() * 1000)
_NAME = "通办 Tongban"
# What a parser of strangers' bytes may raise; none of it is our fault, all of it is a no.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, struct.error, UnsupportedAlgorithm, RecursionError)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a registration proved. `is_synced`: it lives in an account of its maker, on more than one device."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool


def creation_options(party: RelyingParty, challenge: bytes, *, subject: UUID, name: str, present: Iterable[bytes]) -> dict[str, Any]:
    """PublicKeyCredentialCreationOptionsJSON. `present` are the credentials the person has: an authenticator makes no second."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=_NAME,
        user_id=subject.bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in present],
        supported_pub_key_algs=_ALGORITHMS,
    )
    document: dict[str, Any] = orjson.loads(options_to_json(options))
    return document


def request_options(party: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """PublicKeyCredentialRequestOptionsJSON. It names no credential, so it tells nothing of anybody."""
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=_TIMEOUT_MS, user_verification=UserVerificationRequirement.REQUIRED
    )
    document: dict[str, Any] = orjson.loads(options_to_json(options))
    return document


def verified_registration(party: RelyingParty, challenge: bytes, credential: dict[str, Any]) -> NewPasskey | None:
    """The passkey an authenticator made for this challenge, here; None for anything else."""
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except _UNREADABLE:
        return None
    return NewPasskey(verified.credential_id, verified.credential_public_key, verified.sign_count, verified.credential_backed_up)


def verified_sign_count(party: RelyingParty, challenge: bytes, credential: dict[str, Any], passkey: Passkey) -> int | None:
    """The authenticator's new count where its answer was made by this passkey for this challenge, here; None for anything else."""
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _UNREADABLE:
        return None
    return verified.new_sign_count
