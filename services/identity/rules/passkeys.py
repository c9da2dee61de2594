"""Passkeys (W3C Web Authentication): whose they can be, how long a challenge lives, and what an authenticator's answer names."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

CHALLENGE_LIFETIME = timedelta(minutes=5)
MOST_PASSKEYS = 10


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are made for. `id` is the host, `origin` what a browser says of our pages."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """One that is registered. A `sign_count` of 0 is an authenticator that does not count."""

    id: UUID
    subject: UUID
    kind: str
    public_key: bytes
    sign_count: int


def relying_party_of(public_url: str) -> RelyingParty:
    """By the address people see. Browsers make passkeys for names only: not for 127.0.0.1, but for localhost."""
    parts = urlsplit(public_url)
    return RelyingParty(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def challenge_in(credential: dict[str, Any]) -> bytes | None:
    """The challenge an answer was made for; nothing is proven by it."""
    try:
        client_data = json.loads(from_base64url(credential["response"]["clientDataJSON"]))
        return from_base64url(client_data["challenge"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def credential_id_in(credential: dict[str, Any]) -> bytes | None:
    try:
        return from_base64url(credential["rawId"])
    except (KeyError, TypeError, ValueError):
        return None


def user_in(credential: dict[str, Any]) -> UUID | None:
    """Whose the authenticator says the passkey is; discoverable ones always say."""
    try:
        return UUID(bytes=from_base64url(credential["response"]["userHandle"]))
    except (KeyError, TypeError, ValueError):
        return None


def from_base64url(text: str) -> bytes:
    """Raises ValueError, TypeError."""
    if not isinstance(text, str):
        raise TypeError("not text")
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
