"""The catalog's named facts."""

from chassis.problems import Conflict, Invalid, Malformed, NotFound, Text


class ItemUnknown(NotFound):
    slug = "item-unknown"
    detail = Text("没有这个事项，请从事项目录中查找。", "There is no such item; look for it in the catalog.")


class AnswersIncomplete(Invalid):
    slug = "answers-incomplete"
    detail = Text(
        "还有问题没有回答（open_questions），回答后才能一次告知全部要求。",
        "Questions are still open (open_questions); everything can be said at once when they are answered.",
    )


class RegionUnknown(Invalid):
    slug = "region-unknown"
    detail = Text("没有这个区划：{code}。", "There is no such region: {code}.")


class RegionNeverWas(NotFound):
    slug = "region-never-was"
    detail = Text("没有区划代码 {code}，从前也没有。", "There is no region {code} and never was.")


class DepartmentUnknown(NotFound):
    slug = "department-unknown"
    detail = Text("没有这个部门，或身份服务还没有通报。", "There is no such department, or identity has not told of it yet.")


class CalendarYearUnknown(NotFound):
    slug = "calendar-year-unknown"
    detail = Text("{year} 年的工作日历尚未载入。", "The working-day calendar of {year} is not loaded.")


class PublicationRefused(Invalid):
    """The item breaks rules of publication; errors[].code names each rule."""

    slug = "publication-refused"
    title = Text("事项不得发布", "The item may not be published")


class AnswersInvalid(Invalid):
    """Answers that the item's questions do not have; each error points at one."""

    slug = "answers-invalid"
    title = Text("回答有误", "The answers are wrong")


class RegionsInvalid(Invalid):
    slug = "regions-invalid"


class CalendarInvalid(Invalid):
    slug = "calendar-invalid"


class DayBeyondCalendar(Invalid):
    slug = "day-beyond-calendar"
    detail = Text("期限超出日历范围。", "The limit ends after the last day of the calendar.")


class MomentBeyondCalendar(Invalid):
    slug = "moment-beyond-calendar"
    detail = Text(
        "时刻应在 2001 年至 2099 年之间，下班时间写作 17:30，不带时区。",
        "The moment lies between 2001 and 2099, and the closing time is written 17:30, without a zone.",
    )


class BaseFileInvalid(Invalid):
    """The file is not imported; each error's pointer is `line:17:column`, or `file`. At most a thousand of `fault_count` are told."""

    slug = "base-file-invalid"
    title = Text("文件未导入", "The file is not imported")
    detail = Text(
        "文件有 {fault_count} 处问题，没有导入任何内容；请按 errors 中的行和列改正后重新导入。",
        "The file has {fault_count} faults and nothing of it is imported; correct the lines and columns in errors and import it again.",
    )


class ListFileInvalid(BaseFileInvalid):
    """The list is not imported; faults are told as those of a base catalog's file."""

    slug = "list-file-invalid"


class ListEntryUnknown(NotFound):
    slug = "list-entry-unknown"
    detail = Text("清单中没有这个编码，从前也没有。", "The list has no such code and never had it.")


class UploadBroken(Malformed):
    slug = "upload-broken"
    detail = Text("文件没有传完，没有导入任何内容；请重新上传。", "The upload broke off and nothing is imported; send the file again.")


class ColumnMappingInvalid(Invalid):
    slug = "column-mapping-invalid"
    detail = Text(
        "column 应写作“名称=表头”，如 code=事项编码，每个名称一次；“{mapping}”不是。",
        "`column` is written name=header, such as code=item no, each name once; “{mapping}” is not.",
    )


class EditionOutdated(Conflict):
    slug = "edition-outdated"
    detail = Text(
        "第 {newest} 版的日期是 {newest_issued_on}，更早的版本不能在其后导入；请核对文件和日期。",
        "Edition {newest} is dated {newest_issued_on}; an older one cannot follow it. Check the file and the date.",
    )


class EditionUnknown(NotFound):
    slug = "base-edition-unknown"
    detail = Text("没有这个基本目录版本。", "There is no such edition of a base catalog.")


class BaseEntryUnknown(NotFound):
    slug = "base-entry-unknown"
    detail = Text("基本目录中没有这个编码，从前也没有。", "The base catalog has no such code and never had it.")


class DifferenceUnknown(NotFound):
    slug = "base-difference-unknown"
    detail = Text("没有这条差异。", "There is no such difference.")


class DifferenceAccepted(Conflict):
    slug = "base-difference-accepted"
    detail = Text(
        "这条差异已经采纳并生效，不能改变；要撤回请导入更正后的版本。",
        "The difference is accepted and in force; to take it back, import a corrected edition.",
    )


class ReviewSuperseded(Conflict):
    slug = "base-review-superseded"
    detail = Text(
        "已导入第 {newest} 版，未决的差异在其比对中重新列出，请在那里决定。",
        "Edition {newest} has been imported; what was undecided is listed again in its review: decide it there.",
    )


class CodeRetired(Conflict):
    """An accepted entry would take a code that leads to another entry for ever."""

    slug = "base-code-retired"
    detail = Text(
        "编码 {codes} 已永久指向其他条目，不能另作他用；请联系发布单位更换编码，或不采纳。",
        "The codes {codes} lead to other entries for ever and cannot be used again; ask the issuer for new ones, or reject.",
    )


class CountDiffers(Conflict):
    slug = "count-differs"
    detail = Text(
        "符合条件的差异有 {count} 条，不是 {expected_count} 条；请重新查看后再决定。",
        "{count} differences match, not {expected_count}; look at them again and then decide.",
    )


class BundleUnknown(NotFound):
    slug = "bundle-unknown"
    detail = Text("没有这件“一件事”。", "There is no such bundle.")


class BundleRefused(Invalid):
    """The bundle may not be published; errors[].code names each rule, and conflicts that are not settled are among them."""

    slug = "bundle-refused"
    title = Text("“一件事”不得发布", "The bundle may not be published")


class BundleWithdrawn(Conflict):
    slug = "bundle-withdrawn"
    detail = Text("这件“一件事”已经取消；重新发布即可恢复。", "The bundle is withdrawn already; publish it again to bring it back.")
