"""A table as a file gives it: a header and rows of text, each row with the line a person finds it on.

Readers of file formats make sheets (`services.catalog.sheets`), `rules.base_entry` reads them. A fault says where it is, in
`line` and `column`, and what to do about it, in both languages.
"""

from dataclasses import dataclass
from typing import Literal

FileKind = Literal["csv", "xlsx", "json"]

MOST_ROWS = 20_000
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that holds no text a sheet may have; `rule` is one of `rules.base_entry`'s."""

    rule: str


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A cell that a spreadsheet keeps as a number: fine as an element, and a code that may have lost its leading zeros."""

    text: str


Cell = str | BadCell | NumberCell


@dataclass(frozen=True, slots=True)
class Row:
    """`line` counts from 1: the line of a CSV file, the row of a worksheet, the place in a JSON array."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`header_line` is where the header stands; a JSON file has none, it is 0. Rows may be shorter than the header, not longer."""

    kind: FileKind
    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file. `line` 0 is the file as a whole, `column` empty the whole line."""

    line: int
    column: str
    rule: str
    zh: str
    en: str


class SheetUnreadable(Exception):
    """The file cannot be read as a table at all, or only in part; nothing of it is used."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.rule for fault in faults))
        self.faults = faults


def too_many_rows() -> Fault:
    zh, en = f"最多 {MOST_ROWS} 行，请按部门分成几个目录", f"A file has at most {MOST_ROWS} rows; divide it into several catalogs."
    return Fault(MOST_ROWS + 1, "", "too-many-rows", zh, en)


def too_many_columns(line: int) -> Fault:
    zh, en = f"最多 {MOST_COLUMNS} 列，请删去多余的列", f"A row has at most {MOST_COLUMNS} columns; remove what is not needed."
    return Fault(line, "", "too-many-columns", zh, en)
