"""The parts a guide is made of. A text knows its language, since an English guide says in Chinese what nobody translated."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Said(NamedTuple):
    """A text as its reader gets it, the language it is in, and the web address it leads to, where it leads anywhere."""

    text: str
    language: Language
    address: str = ""


Cell = tuple[Said, ...]
"""Texts that belong together, each on a line of its own."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is said of each, below a title where there are several of a kind."""

    rows: tuple[tuple[Said, Cell], ...]
    title: Said | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Sentences, one below the other; numbered where their order matters."""

    entries: Cell
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph; its title, where it has one, is a heading. A weighty one says what nobody may miss."""

    said: Said
    title: Said | None = None
    is_weighty: bool = False


Part = Facts | Listing | Table | Passage


@dataclass(frozen=True, slots=True)
class Section:
    """`key` names it in addresses; it is stable."""

    key: str
    title: Said
    parts: tuple[Part, ...]

    def texts(self) -> Iterator[str]:
        """Everything it says, in the order it is read."""
        yield self.title.text
        for part in self.parts:
            yield from _texts(part)


def _texts(part: Part) -> Iterator[str]:
    match part:
        case Facts(rows, title):
            yield from (title.text,) if title else ()
            for name, cell in rows:
                yield name.text
                yield from (one.text for one in cell)
        case Listing(entries):
            yield from (one.text for one in entries)
        case Table(caption, head, table_rows):
            yield caption
            yield from head
            yield from (one.text for row in table_rows for cell in row for one in cell)
        case Passage(said, title):
            yield from (title.text,) if title else ()
            yield said.text
