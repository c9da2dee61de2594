"""Identifiers of electronic certificates (电子证照标识).

`1.2.156.3005.2.<type 21>.<issuer>.<serial>.<version 3>.<check 1>`; the type code is the defining authority's USCC 18
and 3 of its own. The check character is ISO/IEC 7064 MOD 37,36 over type, issuer, serial and version run together.
The issuer is a USCC in new certificates; a region code of six digits and other lengths are found in living ones.
"""

from dataclasses import dataclass
import re
from typing import Literal
import unicodedata

from stdnum.iso7064 import mod_37_36

from standards.errors import StandardViolation

ROOT = "1.2.156.3005.2"
CertificateIdFault = Literal["root", "segments", "type_code", "issuer", "serial", "version", "check_character"]

_TYPE_CODE = re.compile(r"[0-9A-Z]{21}")
_ISSUER = re.compile(r"[0-9A-Z]{1,36}")
_SERIAL = re.compile(r"[0-9A-Z]{1,64}")
_VERSION = re.compile(r"[0-9]{3}")
_MAX_VERSION = 999

_EXPLANATIONS: dict[CertificateIdFault, str] = {
    "root": f"a certificate identifier begins with {ROOT}",
    "segments": "type, issuer, serial, version and check character follow the root, parted by dots",
    "type_code": "the type code has 21 digits and letters",
    "issuer": "the issuer's code has 1 to 36 digits and letters",
    "serial": "the serial number has 1 to 64 digits and letters",
    "version": "the version is a number from 001 to 999",
    "check_character": "the last character does not match the rest: part of the identifier is mistyped",
}


class InvalidCertificateId(StandardViolation):
    """Not a certificate identifier; `reason` is a `CertificateIdFault`."""

    def __init__(self, reason: CertificateIdFault) -> None:
        super().__init__(reason, _EXPLANATIONS[reason])


@dataclass(frozen=True, slots=True)
class CertificateId:
    """An identifier that passed every check, in its segments."""

    value: str
    type_code: str
    issuer: str
    serial: str
    version: int
    check_character: str

    @property
    def defining_authority(self) -> str:
        """The USCC of whoever defined the certificate's type."""
        return self.type_code[:18]


def compose(type_code: str, issuer: str, serial: str, version: int) -> str:
    """Build an identifier with its check character; letters are made capital. Raises `InvalidCertificateId`."""
    if not 1 <= version <= _MAX_VERSION:
        raise InvalidCertificateId("version")
    type_code, issuer, serial = type_code.upper(), issuer.upper(), serial.upper()
    numbered = f"{version:03d}"
    _check_segments(type_code, issuer, serial, numbered)
    check = mod_37_36.calc_check_digit(type_code + issuer + serial + numbered)
    return f"{ROOT}.{type_code}.{issuer}.{serial}.{numbered}.{check}"


def parse(text: str) -> CertificateId:
    """Read an identifier as it is typed or scanned. Raises `InvalidCertificateId`."""
    value = unicodedata.normalize("NFKC", text).strip().upper()
    if not value.startswith(ROOT + "."):
        raise InvalidCertificateId("root")
    segments = value[len(ROOT) + 1 :].split(".")
    if len(segments) != 5:
        raise InvalidCertificateId("segments")
    type_code, issuer, serial, version, check = segments
    _check_segments(type_code, issuer, serial, version)
    if check != mod_37_36.calc_check_digit(type_code + issuer + serial + version):
        raise InvalidCertificateId("check_character")
    return CertificateId(value, type_code, issuer, serial, int(version), check)


def _check_segments(type_code: str, issuer: str, serial: str, version: str) -> None:
    if not _TYPE_CODE.fullmatch(type_code):
        raise InvalidCertificateId("type_code")
    if not _ISSUER.fullmatch(issuer):
        raise InvalidCertificateId("issuer")
    if not _SERIAL.fullmatch(serial):
        raise InvalidCertificateId("serial")
    if not _VERSION.fullmatch(version) or version == "000":
        raise InvalidCertificateId("version")
