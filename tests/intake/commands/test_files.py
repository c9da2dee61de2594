"""The file store: whole or not at all, and only what was stored."""

from collections.abc import AsyncIterator
import hashlib
import os
from pathlib import Path
import time

import pytest

from services.intake.files import CHUNK_BYTES, FileDamaged, FolderFileStore

KEY = bytes(32)
SIZES = [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


@pytest.fixture
def store(tmp_path: Path) -> FolderFileStore:
    made = FolderFileStore(tmp_path, KEY)
    made.open()
    return made


async def _stream(content: bytes, *, piece: int = 70_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def _read(store: FolderFileStore, sha256: bytes) -> bytes:
    return b"".join([part async for part in store.read(sha256)])


def _only_file(folder: Path) -> Path:
    (path,) = [path for path in folder.rglob("*") if path.is_file()]
    return path


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_stored_is_read_back(store: FolderFileStore, size: int) -> None:
    content = os.urandom(size)
    stored = await store.put(_stream(content))
    assert stored.sha256 == hashlib.sha256(content).digest()
    assert stored.size_bytes == size == await store.size(stored.sha256)
    assert await _read(store, stored.sha256) == content


async def test_the_same_content_is_one_file(store: FolderFileStore, tmp_path: Path) -> None:
    await store.put(_stream(b"same"))
    await store.put(_stream(b"same"))
    assert _only_file(tmp_path).name == hashlib.sha256(b"same").hexdigest()


async def test_a_stream_that_breaks_leaves_nothing(store: FolderFileStore, tmp_path: Path) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"x" * (2 * CHUNK_BYTES)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put(breaking())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_half_written_files_of_dead_writers_are_swept_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    dead, living = tmp_path / "incoming" / "dead", tmp_path / "incoming" / "living"
    for path in (dead, living):
        path.write_bytes(b"half")
    an_age_ago = time.time() - 86_400
    os.utime(dead, (an_age_ago, an_age_ago))
    FolderFileStore(tmp_path, KEY).open()
    assert not dead.exists()
    assert living.exists()


@pytest.mark.parametrize("harm", ["flip", "drop-last", "swap", "add", "header"])
async def test_a_changed_file_is_noticed(store: FolderFileStore, tmp_path: Path, harm: str) -> None:
    stored = await store.put(_stream(os.urandom(3 * CHUNK_BYTES)))
    path, sealed = _only_file(tmp_path), CHUNK_BYTES + 16
    raw = path.read_bytes()
    head, chunks = raw[:20], [raw[start : start + sealed] for start in range(20, len(raw), sealed)]
    harmed = {
        "flip": head + chunks[0][:-1] + bytes([chunks[0][-1] ^ 1]) + b"".join(chunks[1:]),
        "drop-last": head + b"".join(chunks[:-1]),
        "swap": head + chunks[1] + chunks[0] + b"".join(chunks[2:]),
        "add": raw + chunks[0],
        "header": b"XXXX" + raw[4:],
    }[harm]
    path.write_bytes(harmed)
    with pytest.raises(FileDamaged):
        await _read(store, stored.sha256)


async def test_another_key_opens_nothing(store: FolderFileStore, tmp_path: Path) -> None:
    stored = await store.put(_stream(b"secret"))
    with pytest.raises(FileDamaged):
        await _read(FolderFileStore(tmp_path, b"k" * 32), stored.sha256)


async def test_a_file_that_is_not_there_has_no_size(store: FolderFileStore) -> None:
    assert await store.size(bytes(32)) is None
