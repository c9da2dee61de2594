"""Numbers, identifiers, validity and content of certificates.

A certificate's content is fixed when it enters the library; its status is a function of its dates and the day it is asked on.
An identifier is public (it stands in QR codes), so its serial is made of nothing that could be counted or guessed.
"""

from calendar import monthrange
from datetime import date, timedelta
import hashlib
import json
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from standards import citizen_id, uscc
from standards.certificate_id import compose

HolderKind = Literal["person", "organisation"]
Status = Literal["valid", "expired", "not_yet_valid"]

INDEX_KINDS: dict[HolderKind, str] = {"person": "citizen-id", "organisation": "uscc"}
"""The number space of a holder's code in the suite's blind indexes."""

_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SERIAL_LENGTH = 16


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TypeName(_Part):
    """The type a certificate is of, as it was when the certificate was made."""

    code: str
    version: int
    name: str
    name_en: str


class HolderParty(_Part):
    """Who holds it, with the full citizen ID number or USCC."""

    kind: HolderKind
    name: str
    code: str


class IssuerParty(_Part):
    """Who issued it; `code` is a USCC in new certificates."""

    code: str
    name: str


class CertificateContent(_Part):
    """All that a certificate says: this, as canonical JSON, is what is signed."""

    identifier: str
    type: TypeName
    number: str
    version: int
    holder: HolderParty
    issuer: IssuerParty
    region_code: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    elements: dict[str, Any]

    def canonical(self) -> bytes:
        """UTF-8 JSON with sorted names and no spaces, the same bytes for the same content."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse_holder_code(kind: HolderKind, text: str) -> str:
    """The holder's number in its one spelling. Raises `InvalidCitizenId`, `InvalidUscc`."""
    return citizen_id.parse_citizen_id(text).value if kind == "person" else uscc.parse_uscc(text).value


def masked_code(kind: HolderKind, code: str) -> str:
    return citizen_id.mask(code) if kind == "person" else uscc.mask(code)


def masked_name(kind: HolderKind, name: str) -> str:
    """What anybody may read: a person's family name only, an organisation's name in full (it is on public record)."""
    return name if kind == "organisation" else name[:1] + "*" * (len(name) - 1)


def shown_number(number: str, holder: HolderParty) -> str:
    """The number for lists and events. An identity card's number is the citizen's own, so it is masked there."""
    return masked_code("person", number) if holder.kind == "person" and holder.code in number.upper() else number


def known_facts(number: str, holder: HolderParty) -> dict[str, str]:
    """Elements the library fills itself, under the names certificate types use for them (`elements.FACT_NAMES`)."""
    if holder.kind == "person":
        return {"number": number, "holder_name": holder.name, "citizen_id": holder.code}
    return {"number": number, "name": holder.name, "uscc": holder.code}


def serial_for(certificate_id: UUID) -> str:
    """16 digits and capitals, the same for the same id; 80 bits, so nobody walks through the library by counting."""
    rest = int.from_bytes(hashlib.sha256(certificate_id.bytes).digest()[:10])
    characters = ""
    while len(characters) < _SERIAL_LENGTH:
        rest, digit = divmod(rest, 36)
        characters = _BASE_36[digit] + characters
    return characters


def identifier_for(*, type_code: str, issuer_code: str, serial: str, version: int) -> str:
    """The identifier with its check character. Raises `InvalidCertificateId`."""
    return compose(type_code, issuer_code, serial, version)


def next_number(*, prefix: str, region_code: str, year: int, sequence: int) -> str:
    """The number of a certificate issued here: prefix, county 6, year 4, at least six digits of a sequence."""
    return f"{prefix}{region_code[:6]}{year:04d}{sequence:06d}"


def last_valid_day(first_day: date, months: int | None) -> date | None:
    """The last day of so many months: five years from 1 March end on the last of February. None: it does not run out."""
    if months is None:
        return None
    years, month = divmod(first_day.month - 1 + months, 12)
    year = first_day.year + years
    length = monthrange(year, month + 1)[1]
    if first_day.day > length:  # from 31 August, half a year ends with February itself
        return date(year, month + 1, length)
    return date(year, month + 1, first_day.day) - timedelta(days=1)


def status_on(day: date, *, valid_from: date, valid_until: date | None) -> Status:
    """Both the first and the last day count as valid."""
    if day < valid_from:
        return "not_yet_valid"
    return "expired" if valid_until is not None and day > valid_until else "valid"
