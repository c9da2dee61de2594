"""What a guide says of materials: what one has to provide, what one's word can stand for, and what the network supplies."""

from collections.abc import Callable, Iterator, Sequence

from services.catalog.rules.content import Bilingual, Material
from services.catalog.rules.guide.parts import Cell, Part, Passage, Said, Table
from services.catalog.rules.guide.teller import Teller, plain

_FROM_NETWORK = ("certificate", "shared")


def material_parts(materials: Sequence[Material], teller: Teller) -> tuple[Part, ...]:
    """Tables by where the material comes from; says so where nothing has to be provided."""
    asked = [one for one in materials if one.source == "applicant"]
    committed = [one for one in materials if one.source == "commitment"]
    supplied = [one for one in materials if one.source in _FROM_NETWORK]
    parts: list[Part] = []
    if asked:
        parts.append(_table("to_bring", "material_form", asked, _forms, teller))
    else:
        parts.append(Passage(teller.say("nothing_to_bring"), is_weighty=True))
    if committed:
        parts.append(_table("to_commit", "material_form", committed, _forms, teller))
    if supplied:
        parts.append(_table("not_to_bring", "material_source", supplied, _sources, teller))
    return tuple(parts)


def _table(caption: str, middle: str, materials: Sequence[Material], cell: Callable[[Material, Teller], Cell], teller: Teller) -> Table:
    head = (teller.word("material"), teller.word(middle), teller.word("material_notes"))
    rows = tuple(((teller.named(one.name, one.name_en),), cell(one, teller), tuple(_notes(one, teller))) for one in materials)
    if not any(notes for _, _, notes in rows):
        return Table(teller.word(caption), head[:2], tuple(row[:2] for row in rows))
    return Table(teller.word(caption), head, rows)


def _forms(material: Material, teller: Teller) -> Cell:
    form = teller.word("form_filled" if material.form == "filled_form" else f"form_{material.form}")
    return (teller.say("copies", form=form, count=material.copies) if material.copies > 1 else Said(form, teller.language),)


def _sources(material: Material, teller: Teller) -> Cell:
    return (teller.say("from_library" if material.source == "certificate" else "from_shared"),)


def _notes(material: Material, teller: Teller) -> Iterator[Said]:
    if material.needed_when:
        yield teller.within("needed_when", when=Bilingual(zh=material.needed_when))
    if material.source == "applicant" and material.is_tolerant and material.tolerant_days:
        days = str(material.tolerant_days) if teller.language == "zh" else teller.days(material.tolerant_days, "working_day")
        yield teller.say("tolerant", days=days)
    if material.source == "applicant" and material.is_core:
        yield teller.say("core")
    if material.issued_by:
        yield teller.within("issued_by", issuer=material.issued_by)
    if material.note:
        yield teller.of(material.note)
    if material.is_beyond_catalog:
        yield teller.say("beyond_catalog")
    yield from (teller.law(basis) for basis in material.legal_basis)
    yield from _samples(material, teller)


def _samples(material: Material, teller: Teller) -> Iterator[Said]:
    for sample in material.samples:
        title = teller.of(sample.title)
        kind = teller.word(sample.kind)
        yield Said(f"{kind}：{title.text}" if title.language == "zh" else f"{kind}: {title.text}", title.language, sample.address or "")
        if sample.text:
            yield from plain(sample.text)
