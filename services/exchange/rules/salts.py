"""Salts of the evidence log: an entry tells nothing of its event to whoever lacks its salt."""

import hashlib
import hmac


def salt_of(seed: bytes, event_id: str) -> bytes:
    """The 32-byte salt of one event's entry."""
    return hmac.new(seed, event_id.encode(), hashlib.sha256).digest()
