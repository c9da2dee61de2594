"""People: names and numbers as typed, as shown, and how sure we are of them."""

from dataclasses import dataclass
import re
from typing import Literal
import unicodedata

from standards.citizen_id import InvalidCitizenId, parse_citizen_id
from standards.masking import mask_middle

Finding = Literal["match", "mismatch", "unknown", "unreachable"]
"""What a base at the border said of a claim; `unreachable` when it did not say anything usable in time."""

SELF_ASSERTED = 1
VERIFIED = 2

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_BRACKETS = str.maketrans("()", "（）")
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,63}")
LoginKind = Literal["citizen-id", "phone", "staff"]


@dataclass(frozen=True, slots=True)
class Login:
    """What somebody signs in by, in its one normal form."""

    kind: LoginKind
    value: str


def parse_login(text: str) -> Login | None:
    """A citizen ID number, a mobile number or a staff login as people type them; None for anything else."""
    typed = unicodedata.normalize("NFKC", text).strip()
    try:
        return Login("citizen-id", parse_citizen_id(typed).value)
    except InvalidCitizenId:
        pass
    if _MOBILE.fullmatch(typed):
        return Login("phone", typed)
    return Login("staff", typed.lower()) if _LOGIN.fullmatch(typed.lower()) else None


def normal_name(text: str) -> str:
    """A name with full-width forms put right and inner spaces single."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def normal_organisation_name(text: str) -> str:
    """An organisation's name as the register writes it: brackets are full-width there, Latin letters are not."""
    return normal_name(text).translate(_BRACKETS)


def mask_name(name: str) -> str:
    """`王小明` is shown as `王**`."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """`13900001234` is shown as `139****1234`: the three digits of the network and the last four."""
    return phone[:3] + mask_middle(phone, head=0, tail=4)[3:]
