"""Problems of files that are imported: each fault at its line and column."""

from chassis.problems import FieldError, Invalid, Text
from services.identity.errors import DepartmentUnknown, OutOfReach, OwnRecord, ParentInvalid, StaffHasLeft


class ImportRefused(Invalid):
    """`errors` point at `line:N:column` of the file; nothing was imported."""

    slug = "import-refused"
    title = Text("导入文件有误，未导入任何内容", "The file was refused; nothing was imported")
    detail = Text("请按 errors 中的行、列提示改正后重新导入。", "Correct the lines and columns named in errors and import the file again.")


_CSV_FAULTS = {
    "encoding": Text(
        "文件不是 UTF-8 或 GB18030 文本，请另存为 CSV UTF-8", "the file is neither UTF-8 nor GB18030 text; save it as CSV UTF-8"
    ),
    "unknown-column": Text("没有这一列，请按模板的表头填写", "is not a known column; use the header of the template"),
    "repeated-column": Text("该列出现了两次，请删去一列", "is there twice; remove one"),
    "missing-column": Text("缺少该列", "is missing"),
    "cell-count": Text("单元格个数与表头不一致，请检查多余的逗号", "has another number of cells than the header; look for a stray comma"),
    "quoting": Text("引号不成对，请检查该行", "has an unmatched quotation mark"),
    "formula": Text("不能以 = + - @ 或制表符开头（防止公式注入）", "may not begin with = + - @ or a tab: a spreadsheet would run it"),
    "control-character": Text("含有换行等控制字符", "has a line break or another control character"),
    "repeated": Text("文件中已有相同的一行", "is on an earlier line of the file already"),
    "too-many-rows": Text("一次最多导入 1000 行，请分开导入", "is beyond the 1,000 rows of one import; split the file"),
    "no-rows": Text("文件没有数据行", "has no rows"),
    DepartmentUnknown.slug: Text("没有登记这个部门，请先导入部门", "is not a registered department; import departments first"),
    OutOfReach.slug: Text("不在您的管理范围", "is outside what you administer"),
    OwnRecord.slug: Text("不能更改自己的岗位和职权", "is yourself: nobody changes their own posts"),
    ParentInvalid.slug: Text("上级部门未登记、未填写或形成循环", "is not registered, missing, or below the department itself"),
    StaffHasLeft.slug: Text("该人员已离岗，请先办理返岗", "has left; have them return first"),
}


def csv_fault(line: int, column: str, reason: str) -> FieldError:
    """What is wrong with a line of a file, or with one of its cells."""
    text = _CSV_FAULTS[reason]
    shown = column.replace("{", "{{").replace("}", "}}")
    detail = Text(f"第 {line} 行 {shown}：{text.zh}", f"line {line}, {shown}: {text.en}")
    return FieldError(f"line:{line}:{column}", reason, detail)
