"""Says things in the reader's language where there are words for it, and in Chinese, marked as such, where nobody translated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.catalog.rules.content import Bilingual, LegalBasis, LimitUnit
from services.catalog.rules.guide.parts import Cell, Facts, Language, Said
from services.catalog.rules.guide.wording import WORDS, Words, in_language

_HERE = ZoneInfo("Asia/Shanghai")
# Not strftime's: that speaks the language of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Teller:
    """Of one language."""

    language: Language

    @property
    def separator(self) -> str:
        """Between the members of a list."""
        return "、" if self.language == "zh" else ", "

    def word(self, key: str, **facts: object) -> str:
        return in_language(WORDS[key], self.language).format(**facts)

    def say(self, key: str, **facts: object) -> Said:
        return Said(self.word(key, **facts), self.language)

    def of(self, told: Bilingual) -> Said:
        """A text of the item's own."""
        return self.named(told.zh, told.en)

    def named(self, zh: str, en: str | None) -> Said:
        return Said(en, "en") if self.language == "en" and en else Said(zh, "zh")

    def within(self, key: str, **facts: Bilingual | str) -> Said:
        """Our sentence around texts of the item's own: in Chinese as a whole where one of those has no English."""
        texts = [one for one in facts.values() if isinstance(one, Bilingual)]
        language: Language = "en" if self.language == "en" and all(one.en for one in texts) else "zh"
        teller = Teller(language)
        filled = {name: teller.of(one).text if isinstance(one, Bilingual) else one for name, one in facts.items()}
        return teller.say(key, **filled)

    def codes(self, names: Words, codes: Iterable[str]) -> Cell:
        return tuple(Said(in_language(names[code], self.language), self.language) for code in codes)

    def days(self, count: int, unit: LimitUnit) -> str:
        """How long, in words; no days are at once."""
        if count == 0:
            return self.word("at_once")
        return self.word(unit if count == 1 else f"{unit}s", count=count)

    def months(self, count: int) -> str:
        """Whole years as years."""
        if count % 12:
            return self.word("months", count=count)
        return self.word("year") if count == 12 else self.word("years", count=count // 12)

    def day(self, instant: datetime) -> str:
        """The calendar day of an instant here, as people write it."""
        return day_text(instant.astimezone(_HERE).date(), self.language)

    def law(self, basis: LegalBasis) -> Said:
        """A law and its article, as laws are cited."""
        law = basis.law if basis.law.startswith("《") else f"《{basis.law}》"
        return Said(f"{law}{basis.article}", "zh")

    def facts(self, rows: Iterable[tuple[str, Cell]], *, title: Said | None = None) -> Facts:
        """Facts named by our words; what has nothing said of it is left out."""
        return Facts(tuple((self.say(key), cell) for key, cell in rows if cell), title=title)


def day_text(day: date, language: Language) -> str:
    """A day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def plain(text: str) -> Cell:
    """A text of an item that exists in Chinese only."""
    return (Said(text, "zh"),)
