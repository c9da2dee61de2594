"""Sections as HTML. Every text passes `escape`; nothing an item says is ever read as markup."""

from collections.abc import Iterable, Sequence
from html import escape

from services.catalog.rules.guide.parts import Cell, Facts, Language, Listing, Part, Passage, Said, Section, Table

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


class Drawing:
    """Of one page: its language, and the level of its sections' headings."""

    def __init__(self, language: Language, *, level: int) -> None:
        self._language = language
        self._level = level

    def sections(self, sections: Iterable[Section]) -> str:
        return "".join(self._section(one) for one in sections)

    def contents(self, sections: Sequence[Section], title: str) -> str:
        """Links to the sections."""
        links = "\n".join(f'<li><a href="#guide-{one.key}">{self.inline(one.title)}</a></li>' for one in sections)
        heading = f'<h{self._level} id="guide-contents">{escape(title)}</h{self._level}>'
        return f'<nav class="contents" aria-labelledby="guide-contents">\n{heading}\n<ul>\n{links}\n</ul>\n</nav>\n'

    def language_of(self, said: Said) -> str:
        """The attribute that marks a text in another language than the page's."""
        return "" if said.language == self._language else f' lang="{TAGS[said.language]}"'

    def inline(self, said: Said) -> str:
        text = escape(said.text)
        if said.address:
            plain = " data-plain" if said.address == said.text else ""
            return f'<a class="web" href="{escape(said.address)}"{plain}{self.language_of(said)}>{text}</a>'
        language = self.language_of(said)
        return f"<span{language}>{text}</span>" if language else text

    def part(self, part: Part, key: str = "") -> str:
        match part:
            case Facts(rows, title):
                heading = self._heading(title)
                drawn = "\n".join(f"<div><dt>{self.inline(name)}</dt><dd>{self._cell(cell)}</dd></div>" for name, cell in rows)
                return f"{heading}<dl>\n{drawn}\n</dl>\n"
            case Listing(entries, is_ordered):
                tag = "ol" if is_ordered else "ul"
                drawn = "\n".join(f"<li>{self.inline(one)}</li>" for one in entries)
                return f'<{tag} class="listing">\n{drawn}\n</{tag}>\n'
            case Passage(said, title, is_weighty):
                style = "weighty" if is_weighty else "text"
                return f'{self._heading(title)}<p class="{style}"{self.language_of(said)}>{self._bare(said)}</p>\n'
            case Table():
                return self._table(part, key)

    def _section(self, section: Section) -> str:
        name = f"guide-{section.key}"
        parts = "".join(self.part(part, f"{name}-{at}") for at, part in enumerate(section.parts, 1))
        title = f'<h{self._level} id="{name}"{self.language_of(section.title)}>{escape(section.title.text)}</h{self._level}>'
        return f'<section aria-labelledby="{name}">\n{title}\n{parts}</section>\n'

    def _heading(self, title: Said | None) -> str:
        level = self._level + 1
        return f"<h{level}{self.language_of(title)}>{escape(title.text)}</h{level}>\n" if title else ""

    def _bare(self, said: Said) -> str:
        """A text whose language its element already says."""
        return escape(said.text)

    def _cell(self, cell: Cell) -> str:
        if len(cell) == 1:
            return self.inline(cell[0])
        return "".join(f'<span class="line">{self.inline(one)}</span>' for one in cell)

    def _table(self, table: Table, key: str) -> str:
        """Wide tables scroll inside a region that the keyboard reaches."""
        head = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.head)
        rows = "\n".join(
            f'<tr><th scope="row">{self._cell(first)}</th>{"".join(f"<td>{self._cell(cell)}</td>" for cell in rest)}</tr>'
            for first, *rest in table.rows
        )
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{key}-caption">\n<table>\n'
            f'<caption id="{key}-caption">{escape(table.caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n"
        )
