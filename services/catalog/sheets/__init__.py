"""Readers of the files that catalogs come in. What a file is, is seen from its content; its name is not believed."""

from services.catalog.rules.sheet import Fault, Sheet, SheetUnreadable
from services.catalog.sheets.csv_file import read_csv
from services.catalog.sheets.json_file import read_json
from services.catalog.sheets.xlsx_file import read_xlsx

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


def read_sheet(content: bytes) -> Sheet:
    """Raises SheetUnreadable. Takes seconds for the largest files: call it in a thread."""
    if not content.strip(b" \t\r\n\xef\xbb\xbf\x00"):
        raise SheetUnreadable(Fault(0, "", "file-empty", "文件是空的，请重新选择文件", "The file is empty; choose another."))
    if content.startswith(_OLE):
        zh = "这是旧版 .xls 或加了密码的工作簿，请另存为不加密码的 .xlsx 或 CSV"
        raise SheetUnreadable(
            Fault(0, "", "workbook-locked", zh, "An old .xls or a workbook with a password; save it as plain .xlsx or CSV.")
        )
    if content.startswith(_ZIP):
        return read_xlsx(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_json(content)
    return read_csv(content)
