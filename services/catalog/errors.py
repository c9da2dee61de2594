"""The catalog's named facts."""

from chassis.problems import Invalid, NotFound, Text


class ItemUnknown(NotFound):
    slug = "item-unknown"
    detail = Text("没有这个事项，请从事项目录中查找。", "There is no such item; look for it in the catalog.")


class RegionUnknown(Invalid):
    slug = "region-unknown"
    detail = Text("没有这个区划：{code}。", "There is no such region: {code}.")


class CalendarYearUnknown(NotFound):
    slug = "calendar-year-unknown"
    detail = Text("{year} 年的工作日历尚未载入。", "The working-day calendar of {year} is not loaded.")


class PublicationRefused(Invalid):
    """The item breaks rules of publication; errors[].code names each rule."""

    slug = "publication-refused"
    title = Text("事项不得发布", "The item may not be published")


class RegionsInvalid(Invalid):
    slug = "regions-invalid"


class CalendarInvalid(Invalid):
    slug = "calendar-invalid"


class DayBeyondCalendar(Invalid):
    slug = "day-beyond-calendar"
    detail = Text("期限超出日历范围。", "The limit ends after the last day of the calendar.")
