"""Uploaded files: streamed in, encrypted at rest, named by what they contain.

- A file appears under its final name complete and synced, or not at all; what a crash left half-written is swept at start.
- The same content is stored once; its name is the SHA-256 of the plain bytes.
- Each file has a key of its own (HKDF of the service's key and a random salt) and is sealed in numbered chunks with AES-256-GCM, the
  last one marked: a chunk that is changed, moved, dropped or added is noticed when it is read.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
import hashlib
import os
from pathlib import Path
import secrets
import time
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK_BYTES = 1 << 20
_MAGIC = b"TBF1"
_SALT_BYTES = 16
_TAG_BYTES = 16
_STALE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the store; `size_bytes` of its plain content."""

    sha256: bytes
    size_bytes: int


class FileDamaged(Exception):
    """What is on disk is not what was stored."""


class FileStore(Protocol):
    """Keeps files by their content."""

    async def put(self, parts: AsyncIterable[bytes]) -> Stored:
        """Store what is streamed. Whatever the stream raises leaves nothing behind."""
        ...

    async def size(self, sha256: bytes) -> int | None:
        """Plain bytes of a stored file, or None where there is none."""
        ...

    def read(self, sha256: bytes) -> AsyncIterator[bytes]:
        """The plain bytes, in pieces. Raises FileNotFoundError, FileDamaged."""
        ...


class FolderFileStore:
    """A `FileStore` in a folder that all intake processes share. `key` is 32 bytes."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._key = key

    def open(self) -> None:
        """Make the folder and remove what writers that died left half-written."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        oldest = time.time() - _STALE_SECONDS
        for left in self._incoming.iterdir():
            if left.stat().st_mtime < oldest:
                left.unlink(missing_ok=True)

    async def put(self, parts: AsyncIterable[bytes]) -> Stored:
        path = self._incoming / secrets.token_hex(16)
        digest, size = hashlib.sha256(), 0
        try:
            with await asyncio.to_thread(path.open, "xb") as file:
                sealer = _Sealer(file, self._key)
                waiting = bytearray()
                async for part in parts:
                    digest.update(part)
                    size += len(part)
                    waiting += part
                    while len(waiting) > CHUNK_BYTES:
                        await asyncio.to_thread(sealer.write, bytes(waiting[:CHUNK_BYTES]))
                        del waiting[:CHUNK_BYTES]
                await asyncio.to_thread(sealer.finish, bytes(waiting))
            await asyncio.to_thread(_move_into_place, path, self._path(digest.digest()))
        finally:
            path.unlink(missing_ok=True)
        return Stored(digest.digest(), size)

    async def size(self, sha256: bytes) -> int | None:
        try:
            on_disk = (await asyncio.to_thread(self._path(sha256).stat)).st_size - len(_MAGIC) - _SALT_BYTES
        except FileNotFoundError:
            return None
        chunks = -(-on_disk // (CHUNK_BYTES + _TAG_BYTES))
        return on_disk - chunks * _TAG_BYTES

    async def read(self, sha256: bytes) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(self._path(sha256).open, "rb") as file:
            opener = _Opener(file, self._key)
            while (chunk := await asyncio.to_thread(opener.next)) is not None:
                yield chunk

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:2] / name[2:4] / name


class _Sealer:
    def __init__(self, file: BinaryIO, key: bytes) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        self._file = file
        self._cipher = _cipher(key, salt)
        self._count = 0
        file.write(_MAGIC + salt)

    def write(self, chunk: bytes, *, is_last: bool = False) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._count, is_last=is_last), chunk, None))
        self._count += 1

    def finish(self, chunk: bytes) -> None:
        self.write(chunk, is_last=True)
        self._file.flush()
        os.fsync(self._file.fileno())


class _Opener:
    def __init__(self, file: BinaryIO, key: bytes) -> None:
        header = file.read(len(_MAGIC) + _SALT_BYTES)
        if header[: len(_MAGIC)] != _MAGIC:
            raise FileDamaged("header")
        self._file = file
        self._cipher = _cipher(key, header[len(_MAGIC) :])
        self._count = 0
        self._sealed = file.read(CHUNK_BYTES + _TAG_BYTES)

    def next(self) -> bytes | None:
        """The next plain chunk, or None after the last. Raises FileDamaged."""
        if not self._sealed and self._count:
            return None
        following = self._file.read(CHUNK_BYTES + _TAG_BYTES)
        try:
            plain = self._cipher.decrypt(_nonce(self._count, is_last=not following), self._sealed, None)
        except InvalidTag as error:
            raise FileDamaged(f"chunk {self._count}") from error
        self._sealed = following
        self._count += 1
        return plain


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"tongban intake file").derive(key))


def _nonce(count: int, *, is_last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([is_last])


def _move_into_place(path: Path, final: Path) -> None:
    """Rename and make the rename durable; a file that is already there has the same content."""
    final.parent.mkdir(parents=True, exist_ok=True)
    path.replace(final)
    for folder in final.parents[:3]:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
