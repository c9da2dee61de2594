"""Tile paths of C2SP tlog-tiles."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.exchange.rules.tiles import WIDTH, Tile, parse_tile, tile_path


@pytest.mark.parametrize(
    ("path", "index", "width"),
    [
        ("000", 0, 256),
        ("067", 67, 256),
        ("x001/067", 1067, 256),
        ("x001/x234/067", 1234067, 256),
        ("000.p/1", 0, 1),
        ("x001/000.p/255", 1000, 255),
    ],
)
def test_a_path_is_read_as_the_specification_writes_it(path: str, index: int, width: int) -> None:
    assert parse_tile(0, path) == Tile(0, index, width)


@pytest.mark.parametrize(
    "path", ["", "0", "00", "0000", "x000/067", "001/067", "x001", "000.p/0", "000.p/256", "000.p/01", "000.p/", "000/", "٠٠٠", "x001//067"]
)
def test_a_path_written_otherwise_names_no_tile(path: str) -> None:
    assert parse_tile(0, path) is None


@given(index=st.integers(0, 10**12), width=st.integers(1, WIDTH), level=st.integers(0, 7))
def test_every_tile_has_one_path(index: int, width: int, level: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile(level, tile_path(tile)) == tile


@given(size=st.integers(0, 2**40), level=st.integers(0, 3), index=st.integers(0, 2**20), width=st.integers(1, WIDTH))
def test_a_tile_is_in_the_log_when_its_last_hash_covers_entered_leaves_only(size: int, level: int, index: int, width: int) -> None:
    leaves_covered = (index * WIDTH + width) * WIDTH**level
    assert Tile(level, index, width).is_in(size) == (leaves_covered <= size)
