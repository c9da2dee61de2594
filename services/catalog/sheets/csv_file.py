"""CSV in UTF-8, with or without a byte order mark, or in GB18030, which is what spreadsheets in China save by default.

GB18030 gives nearly any bytes some character, so an encoding is not believed because it decodes: damaged UTF-8 is told apart
from GB18030 by how little of it is damaged, and GB18030 must read as everyday characters.
"""

import csv
import io
import re

from services.catalog.rules.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    BadCell,
    Fault,
    Row,
    Sheet,
    SheetUnreadable,
    too_many_columns,
    too_many_rows,
)

# What a spreadsheet would compute when somebody opens what we hand on: =…, @…, and sums that call something.
_FORMULA = re.compile(r"\s*([=@]|[+-][^\n]*[(|!])")
_LEAST_EVERYDAY = 0.95
_MOST_DAMAGE = 0.05
_LARGEST_CELL = 100_000
_SAVE_AS = ("请另存为“CSV UTF-8”后重新导入", "save it as “CSV UTF-8” and import that")


def read_csv(content: bytes) -> Sheet:
    """Raises SheetUnreadable."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    csv.field_size_limit(_LARGEST_CELL)
    header: tuple[str, ...] | None = None
    header_line, rows = 0, []
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MOST_COLUMNS:
                raise SheetUnreadable(too_many_columns(line))
            if header is None:
                header, header_line = tuple(cells), line
                continue
            rows.append(Row(line, tuple(BadCell("formula") if _FORMULA.match(cell) else cell for cell in cells)))
            if len(rows) > MOST_ROWS:
                raise SheetUnreadable(too_many_rows())
    except csv.Error as error:
        zh = "这里的引号没有成对，或一个单元格过长，请检查这一行的引号"
        en = f"A quotation mark is not closed, or a cell is too long ({error}); check the quotation marks from this line on."
        raise SheetUnreadable(Fault(begins, "", "quotes-broken", zh, en)) from error
    return Sheet("csv", header or (), header_line, tuple(rows))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SheetUnreadable(_wrong(0, "文件是 UTF-16 编码", "The file is UTF-16"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        damaged = _damaged_utf8(content, error)
    if damaged is not None:
        raise SheetUnreadable(damaged)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SheetUnreadable(_wrong(line, "这一行既不是 UTF-8 也不是 GB18030 编码", "This line is neither UTF-8 nor GB18030")) from error
    if not _reads_as_everyday_chinese(text):
        raise SheetUnreadable(_wrong(0, "文件按 UTF-8 或 GB18030 读出来都是乱码", "The file makes no sense as UTF-8 or as GB18030"))
    return text


def _damaged_utf8(content: bytes, error: UnicodeDecodeError) -> Fault | None:
    """The fault of a file that is UTF-8 but for a few places; None for what never was."""
    text = content.decode("utf-8-sig", errors="replace")
    read = sum(1 for character in text if character > "\x7f")
    if not content.startswith(b"\xef\xbb\xbf") and text.count("\ufffd") > read * _MOST_DAMAGE:
        return None
    line = content.count(b"\n", 0, error.start) + 1
    return _wrong(line, "文件是 UTF-8，但这一行有损坏的字节", "The file is UTF-8, but bytes of this line are damaged")


def _reads_as_everyday_chinese(text: str) -> bool:
    foreign = [character for character in text if character > "\x7f"]
    everyday = {character for character in set(foreign) if _is_everyday(character)}
    return sum(1 for character in foreign if character in everyday) >= len(foreign) * _LEAST_EVERYDAY


def _is_everyday(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _wrong(line: int, zh: str, en: str) -> Fault:
    return Fault(line, "", "encoding-wrong", f"{zh}，{_SAVE_AS[0]}", f"{en}; {_SAVE_AS[1]}.")
