"""Tiles of the evidence log, as C2SP tlog-tiles lays them out.

A tile of level L holds up to 256 hashes of tree level 8·L. Its index is written in groups of three digits, all but the last with an `x`
before them (`x001/234`); a partial tile of W hashes ends in `.p/W`.
"""

from dataclasses import dataclass
import re

WIDTH = 256
HEIGHT = 8
HIGHEST_LEVEL = 7

_PATH = re.compile(r"((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of tree level `level * 8`, from `index * 256`."""

    level: int
    index: int
    width: int

    @property
    def tree_level(self) -> int:
        return self.level * HEIGHT

    @property
    def first(self) -> int:
        """The index of the first hash in its tree level."""
        return self.index * WIDTH

    def is_in(self, size: int) -> bool:
        """Whether a log of `size` entries has all the tile's hashes."""
        return self.first + self.width <= size >> self.tree_level


def parse_tile(level: int, path: str) -> Tile | None:
    """The tile a path names; None where it names none."""
    matched = _PATH.fullmatch(path)
    if matched is None or not 0 <= level <= HIGHEST_LEVEL:
        return None
    digits = matched[1].replace("x", "").replace("/", "")
    if len(digits) > 3 and digits.startswith("000"):
        return None
    width = int(matched[2]) if matched[2] else WIDTH
    if matched[2] and width >= WIDTH:
        return None
    return Tile(level, int(digits), width)


def tile_path(tile: Tile) -> str:
    """The path that names a tile's index and width."""
    digits = str(tile.index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[n : n + 3] for n in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if tile.width == WIDTH else f"{path}.p/{tile.width}"
