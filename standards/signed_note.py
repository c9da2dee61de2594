"""Signed notes and log checkpoints, C2SP signed-note and tlog-checkpoint, with Ed25519.

A note is a text that ends in a newline, an empty line, and signature lines `— <name> <base64(key id 4 || signature)>`.
Key id = SHA-256(name || 0x0A || 0x01 || public key)[:4]; a verifier key is written `name+hex key id+base64(0x01 || public key)`.
A note is believed when at least one known key signed it and no known key's signature is wrong; unknown keys are passed over.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import hashlib
import re
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from standards.errors import StandardViolation
from standards.merkle import HASH_SIZE

NoteFault = Literal["key", "text", "signatures", "bad_signature", "not_signed", "checkpoint"]

_ED25519 = b"\x01"
_KEY_ID_SIZE = 4
_PUBLIC_KEY_SIZE = 32
_MAX_SIGNATURES = 100
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)")
_FORBIDDEN_IN_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\ufffd]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class InvalidNote(StandardViolation):
    """A note, a key or a checkpoint that cannot be believed; `reason` is a `NoteFault`."""

    def __init__(self, reason: NoteFault, explanation: str) -> None:
        super().__init__(reason, explanation)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the public key (32 bytes) it signs with."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(character.isspace() for character in self.name):
            raise InvalidNote("key", "a key's name is not empty and holds no space or plus sign")
        if len(self.public_key) != _PUBLIC_KEY_SIZE:
            raise InvalidNote("key", "an Ed25519 public key has 32 bytes")

    @classmethod
    def of(cls, name: str, private_key: Ed25519PrivateKey) -> "VerifierKey":
        return cls(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read `name+hex key id+base64`. Raises `InvalidNote`."""
        parts = vkey.split("+", 2)
        if len(parts) != 3:
            raise InvalidNote("key", "a verifier key is name+id+key")
        encoded = _decode(parts[2], "key")
        if encoded[:1] != _ED25519:
            raise InvalidNote("key", "the key's algorithm is not Ed25519")
        key = cls(parts[0], encoded[1:])
        if key.key_id.hex() != parts[1]:
            raise InvalidNote("key", "the key id does not belong to this name and key")
        return key

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID_SIZE]

    def encode(self) -> str:
        """The form to publish: `name+hex key id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{_encode(_ED25519 + self.public_key)}"


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A text and the known keys that signed it, in the note's order."""

    text: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at a moment. `root` has 32 bytes; `extensions` are further lines, opaque here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """A note of `text` with one signature line. Raises `InvalidNote` for a text or name that no note may hold."""
    _check_text(text)
    return f"{text}\n{signature_line(text, name, private_key)}"


def signature_line(text: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """The line that adds one more signer (a witness) to a note of `text`: append it to the note."""
    key = VerifierKey.of(name, private_key)
    return f"— {name} {_encode(key.key_id + private_key.sign(text.encode()))}\n"


def verify_note(note: str, verifier_keys: Iterable[VerifierKey]) -> VerifiedNote:
    """The note's text, once a known key proves to have signed it. Raises `InvalidNote`."""
    text, lines = _split(note)
    known = {(key.name, key.key_id): key for key in verifier_keys}
    signers: list[str] = []
    for line in lines:
        matched = _SIGNATURE_LINE.fullmatch(line)
        if matched is None:
            raise InvalidNote("signatures", "a signature line is a dash, a name and a base64 text")
        signature = _decode(matched[2], "signatures")
        key = known.pop((matched[1], signature[:_KEY_ID_SIZE]), None)
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature[_KEY_ID_SIZE:], text.encode())
        except InvalidSignature:
            raise InvalidNote("bad_signature", f"the signature of {key.name} does not belong to this text") from None
        signers.append(key.name)
    if not signers:
        raise InvalidNote("not_signed", "no known key has signed this note")
    return VerifiedNote(text, tuple(signers))


def format_checkpoint(origin: str, size: int, root: bytes, extensions: Sequence[str] = ()) -> str:
    """The text of a checkpoint, ready to sign: origin, size, root, extensions, a line each. Raises `InvalidNote`."""
    if not origin or size < 0 or len(root) != HASH_SIZE or not all(extensions):
        raise InvalidNote("checkpoint", "a checkpoint has an origin, a size of 0 or more, a root of 32 bytes and no empty line")
    lines = [origin, str(size), _encode(root), *extensions]
    if any("\n" in line for line in lines):
        raise InvalidNote("checkpoint", "a part of a checkpoint is one line")
    return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the (verified) text of a checkpoint. Raises `InvalidNote`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise InvalidNote("checkpoint", "a checkpoint is three or more full lines")
    origin, size, encoded_root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise InvalidNote("checkpoint", "the size is a decimal number without leading zeros")
    root = _decode(encoded_root, "checkpoint")
    if len(root) != HASH_SIZE:
        raise InvalidNote("checkpoint", "the root has 32 bytes")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def _split(note: str) -> tuple[str, list[str]]:
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    if not separator or not signatures.endswith("\n"):
        raise InvalidNote("signatures", "a note ends with an empty line and signature lines")
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise InvalidNote("signatures", f"a note has at most {_MAX_SIGNATURES} signatures")
    return text, lines


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _FORBIDDEN_IN_TEXT.search(text):
        raise InvalidNote("text", "a note's text ends in a newline and holds no other control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidNote("text", "a note's text can be written as UTF-8") from None


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _decode(text: str, reason: NoteFault) -> bytes:
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidNote(reason, "a part that should be base64 is not") from None
    if _encode(octets) != text:
        raise InvalidNote(reason, "a part that should be base64 is not in its one written form")
    return octets
