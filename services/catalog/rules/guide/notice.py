"""Everything at once (一次性告知): what one situation asks for, exactly, on one sheet.

Licensing Law art. 32 has an authority say at once everything that is missing; this says it before anybody has come in vain.
"""

from services.catalog.rules.content import Bilingual, ItemContent, SituationQuestion
from services.catalog.rules.guide.around import contacts, places, remedies
from services.catalog.rules.guide.materials import material_parts
from services.catalog.rules.guide.outcome import fee_parts, result_parts
from services.catalog.rules.guide.parts import Facts, Language, Listing, Part, Passage, Said, Section, Table
from services.catalog.rules.guide.sections import condition_parts, limit_parts, section, way_rows
from services.catalog.rules.guide.teller import Teller
from services.catalog.rules.narrowing import Answers, Narrowed


def notice_sections(item: ItemContent, narrowed: Narrowed, answers: Answers, language: Language) -> list[Section]:
    """The sheet of somebody who answered everything. Where the item is not for them it says where to turn, and nothing else."""
    teller = Teller(language)
    questions = item.situation_table.questions if item.situation_table else []
    situation: list[Part] = [answered(questions, answers, teller)] if answers else []
    situation += [Listing(tuple(teller.of(row.name) for row in narrowed.rows))] if narrowed.rows else []
    if narrowed.instead:
        situation.append(Passage(teller.within("instead", text=narrowed.instead.text), is_weighty=True))
        situation += [Passage(teller.say("instead_item", item=narrowed.instead.item))] if narrowed.instead.item else []
        return [section("situation", tuple(situation), teller)]
    left = narrowed.item
    told: list[tuple[str, tuple[Part, ...]]] = [
        ("situation", tuple(situation)),
        ("materials", material_parts(left.materials, teller)),
        ("form", _form(left, teller)),
        ("conditions", condition_parts(left, teller)),
        ("channels_and_appointment", (teller.facts(way_rows(left, teller)),)),
        ("places", places(left, teller)),
        ("limits", limit_parts(left, left.promised_limit, teller)),
        ("fees", fee_parts(left, teller)),
        ("results", result_parts(left, teller)),
        ("consultation", contacts(left, teller)),
        ("remedies", remedies(left, teller)),
    ]
    return [section(key, parts, teller) for key, parts in told if parts]


def answered(questions: list[SituationQuestion], answers: Answers, teller: Teller) -> Facts:
    """What was asked and what was answered."""
    rows = []
    for question in questions:
        chosen = [choice for choice in question.choices if choice.key in answers.get(question.key, ())]
        if chosen:
            rows.append((teller.of(question.text), tuple(teller.of(choice.label) for choice in chosen)))
    return Facts(tuple(rows))


def _form(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """The fields by section, as the form names them; those outside any section follow."""
    properties = item.form.get("properties")
    fields: dict[str, object] = properties if isinstance(properties, dict) else {}
    left = dict(fields)
    rows = []
    for part in item.form_layout:
        names = [name for name in part.fields if left.pop(name, None) is not None]
        rows += [((teller.of(part.title),), tuple(_field(name, fields[name], teller) for name in names))] if names else []
    if not rows:
        return (Listing(tuple(_field(name, one, teller) for name, one in left.items())),) if left else ()
    rows += [((teller.say("form_rest"),), tuple(_field(name, one, teller) for name, one in left.items()))] if left else []
    return (Table(teller.word("form"), (teller.word("form_part"), teller.word("form_fields")), tuple(rows)),)


def _field(name: str, schema: object, teller: Teller) -> Said:
    """A field by its title (`x-title-en` beside it), and whether the certificate library fills it in."""
    told = schema if isinstance(schema, dict) else {}
    title, english = told.get("title"), told.get("x-title-en")
    said = Bilingual(zh=title if isinstance(title, str) and title.strip() else name, en=english if isinstance(english, str) else None)
    return teller.within("field_filled", field=said) if "x-from-certificate" in told else teller.of(said)
