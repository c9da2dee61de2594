"""Which column of a sheet is which, and what its cells may hold: shared by every kind of file that departments send.

A file's kind says which names it has (`known`, each with the headers people write), which it needs, and which hold codes. A column
that is told to be something (`told`) is that; any other unknown column keeps its header as its name.
"""

from collections.abc import Mapping, Sequence
import unicodedata

from services.catalog.rules.sheet import BadCell, Cell, Fault, NumberCell, Row, Sheet

Known = Mapping[str, tuple[str, ...]]

CELL_SAYS = {
    "formula": ("单元格是公式，请粘贴为数值后再导入", "The cell is a formula; paste it as a value and import again."),
    "cell-error": ("单元格是错误值（如 #REF!），请改正", "The cell is an error value such as #REF!; put it right."),
    "cell-not-text": ("应为文本或数字，不能是对象、数组或布尔值", "It must be text or a number, no object, array or boolean."),
    "code-is-number": (
        "编码存成了数字，开头的零可能已丢失，请把该列设为文本格式并重新填写",
        "The code is kept as a number and may have lost leading zeros; format the column as text and enter it again.",
    ),
    "cell-unreadable": ("单元格中有看不见的控制字符，请重新输入", "The cell has control characters; type it again."),
}  # fmt: skip

_MOST_HEADER = 60


def column_names(sheet: Sheet, told: Mapping[str, str], known: Known, required: Sequence[str]) -> tuple[list[str], list[Fault]]:
    """Our name of each column of the sheet. `told` is the header of each of our names that is told."""
    ours = {_plain(alias): name for name, aliases in known.items() for alias in (name, *aliases)}
    by_header = {_plain(header): name for name, header in told.items()}
    taken = set(by_header.values())
    names: list[str] = []
    faults: list[Fault] = []
    for header in sheet.header:
        plain = _plain(header)
        our = ours.get(plain)
        # A column that is told to be something else leaves the known one to be an element under its header.
        name = by_header.get(plain) or (our if our and our not in taken else unicodedata.normalize("NFKC", header).strip())
        if not plain or len(plain) > _MOST_HEADER or has_controls(plain):
            zh, en = (
                f"第 {len(names) + 1} 列的表头为空、过长或不可读",
                f"The header of column {len(names) + 1} is empty, too long or unreadable.",
            )
            faults.append(Fault(sheet.header_line, header, "header-wrong", zh, en))
        elif name in names:
            zh, en = (
                f"表头“{header}”与另一列重复，请删去一列或用 column 指明",
                f"“{header}” stands for the same as another column; remove one, or say which with `column`.",
            )
            faults.append(Fault(sheet.header_line, header, "column-twice", zh, en))
        names.append(name)
    unknown = [header for header in told.values() if _plain(header) not in {_plain(one) for one in sheet.header}]
    for missing in [*(name for name in required if name not in names), *unknown]:
        seen, aliases = "、".join(sheet.header[:20]), "、".join(known.get(missing, ()))
        zh = f"缺少列“{missing}”{f'（可写作：{aliases}）' if aliases else ''}；文件中的列：{seen}。请补上该列，或用 column 指明哪一列是它"
        en = f"The column “{missing}” is missing; the file has: {seen}. Add it, or say with `column` which column it is."
        faults.append(Fault(sheet.header_line, missing, "column-missing", zh, en))
    return names, faults


def cell_text(cell: Cell, *, is_code: bool, is_folded: bool) -> str | BadCell:
    """The text of a cell; a code kept as a number is none, and what is folded has full-width letters made plain."""
    if isinstance(cell, BadCell):
        return cell
    if isinstance(cell, NumberCell):
        return BadCell("code-is-number") if is_code else cell.text
    text = unicodedata.normalize("NFKC" if is_folded else "NFC", cell).strip()
    return BadCell("cell-unreadable") if has_controls(text) else text


def row_too_long(row: Row, width: int) -> Fault:
    zh, en = f"这一行有 {len(row.cells)} 个单元格，表头只有 {width} 列", f"The row has {len(row.cells)} cells, the header {width}."
    return Fault(row.line, "", "row-too-long", f"{zh}；请检查逗号和引号", f"{en} Check commas and quotation marks.")


def too_long(line: int, head: str, most: int) -> Fault:
    return Fault(line, head, "cell-too-long", f"最多 {most} 个字符，请缩短", f"At most {most} characters; shorten it.")


def missing(line: int, head: str) -> Fault:
    return Fault(line, head, "cell-empty", "必填，请补上", "It is required; fill it in.")


def code_twice(code: str, line: int, first: int, head: str) -> Fault:
    zh, en = (
        f"编码 {code} 与第 {first} 行重复，请删去一行或改正编码",
        f"{code} is on line {first} already; remove one or correct the code.",
    )
    return Fault(line, head, "code-twice", zh, en)


def no_rows() -> Fault:
    return Fault(0, "", "file-empty", "只有表头，没有数据", "There is a header and no rows.")


def has_controls(text: str) -> bool:
    return any(unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn") and one not in "\n\r\t" for one in text)


def _plain(header: str) -> str:
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()
