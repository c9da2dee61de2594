"""The ways to sign in, what an id token says of each (`amr`, RFC 8176), and what a typed login may be beside a person's."""

from typing import Literal
import unicodedata

from standards.citizen_id import InvalidCitizenId, parse_citizen_id
from standards.uscc import InvalidUscc, parse_uscc

Way = Literal["password", "code", "passkey", "qr"]
WAYS: tuple[Way, ...] = ("password", "code", "passkey", "qr")

PASSWORD = ("pwd",)
CODE = ("otp",)
PASSKEY = ("pop", "mfa")
"""Possession of a key, and the PIN or the finger that opened it."""

QR = ("mca",)
"""Over a second channel. How the confirming device had signed on is not said: a relayed code looks the same (decision 0015)."""


def way_of(text: str) -> Way:
    """The way a request names; the password for anything else."""
    return next((way for way in WAYS if way == text), "password")


def is_organisation_code(text: str) -> bool:
    """Whether somebody typed a USCC. An organisation has no password: its representative signs in and then acts for it."""
    typed = unicodedata.normalize("NFKC", text).strip()
    try:
        parse_citizen_id(typed)
    except InvalidCitizenId:
        pass
    else:
        return False
    try:
        parse_uscc(typed)
    except InvalidUscc:
        return False
    return True
