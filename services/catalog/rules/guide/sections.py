"""A guide whole: its sections in the order in which people ask."""

from collections.abc import Iterator

from services.catalog.rules.content import ItemContent, LegalBasis, PromisedLimit
from services.catalog.rules.guide.around import appointment, contacts, express, places, remedies
from services.catalog.rules.guide.materials import material_parts
from services.catalog.rules.guide.outcome import fee_parts, result_parts
from services.catalog.rules.guide.parts import Cell, Language, Listing, Part, Passage, Said, Section, Table
from services.catalog.rules.guide.steps import process_parts, special_parts
from services.catalog.rules.guide.teller import Teller, plain
from services.catalog.rules.guide.wording import CHANNELS, ITEM_TYPES, KINDS, LEVELS, OBJECTS, REACHES, in_language


def guide_sections(local_code: str, item: ItemContent, language: Language) -> list[Section]:
    """Everything the item says to people. A section of which nothing is known is left out."""
    teller = Teller(language)
    told: list[tuple[str, tuple[Part, ...]]] = [
        ("overview", (teller.facts(_overview(item, teller)),)),
        ("conditions", condition_parts(item, teller)),
        ("situations", _situations(item, teller)),
        ("materials", material_parts(item.materials, teller)),
        ("process", process_parts(item, teller)),
        ("limits", limit_parts(item, item.promised_limit, teller)),
        ("fees", fee_parts(item, teller)),
        ("results", result_parts(item, teller)),
        ("places", places(item, teller)),
        ("consultation", contacts(item, teller)),
        ("remedies", remedies(item, teller)),
        ("legal_basis", _legal_basis(item.legal_basis, teller)),
    ]
    sections = [section(key, parts, teller) for key, parts in told if parts]
    sections += [
        Section(f"text-{at}", teller.of(text.title), (Passage(teller.named(text.text, text.text_en)),))
        for at, text in enumerate(item.guide_texts, 1)
    ]
    if item.faq:
        sections.append(section("faq", tuple(Passage(Said(one.answer, "zh"), title=Said(one.question, "zh")) for one in item.faq), teller))
    return [*sections, section("codes", (teller.facts(_codes(local_code, item, teller)),), teller)]


def section(key: str, parts: tuple[Part, ...], teller: Teller) -> Section:
    """A section by its key, titled in our words."""
    return Section(key.replace("_", "-"), teller.say(key), parts)


def condition_parts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    parts: list[Part] = [Listing(tuple(Said(one, "zh") for one in item.conditions))] if item.conditions else []
    if item.quantity_limit:
        limit = item.quantity_limit
        said: Cell = (teller.of(limit.text),)
        said += (teller.say("quantity_most", count=limit.most),) if limit.most else ()
        said += plain(limit.basis) if limit.basis else ()
        parts.append(teller.facts([("quantity", said)]))
    return tuple(parts)


def limit_parts(item: ItemContent, promised: PromisedLimit, teller: Teller) -> tuple[Part, ...]:
    """What is promised, what the law allows, and what does not count."""
    rows: list[tuple[str, Cell]] = [
        ("promised_limit", (Said(teller.days(promised.days, promised.unit), teller.language),)),
        ("statutory_limit", _statutory(item, teller)),
    ]
    return (teller.facts(rows), *special_parts(item, teller))


def way_rows(item: ItemContent, teller: Teller) -> list[tuple[str, Cell]]:
    """How it can be asked for."""
    return [
        ("channels", teller.codes(CHANNELS, item.channels)),
        ("web", (Said(item.web_address, teller.language, item.web_address),) if item.web_address else ()),
        ("reach", teller.codes(REACHES, [item.reach])),
        ("visits", (teller.say("visits_some", count=item.visits) if item.visits else teller.say("visits_none"),)),
        ("appointment", appointment(item, teller)),
        ("express", express(item, teller)),
    ]


def _overview(item: ItemContent, teller: Teller) -> Iterator[tuple[str, Cell]]:
    authority, delegated = item.authority, item.delegated_authority
    yield "authority", (teller.named(authority.name, authority.name_en),)
    if delegated:
        yield "delegated_authority", (teller.named(delegated.name, delegated.name_en), Said(delegated.basis, "zh"))
    yield "item_type", teller.codes(ITEM_TYPES, [item.item_type])
    yield (
        "service_objects",
        (Said(teller.separator.join(one.text for one in teller.codes(OBJECTS, item.service_objects)), teller.language),),
    )
    yield "kind", teller.codes(KINDS, [item.kind])
    yield "promised_limit", (Said(teller.days(item.promised_limit.days, item.promised_limit.unit), teller.language),)
    yield "charge", (teller.within("charged", text=item.fee.text) if item.fee.is_charged else teller.say("free"),)
    yield from way_rows(item, teller)


def _statutory(item: ItemContent, teller: Teller) -> Cell:
    if item.statutory_limit is None:
        return (teller.say("no_statutory_limit"),)
    said: Cell = (Said(teller.days(item.statutory_limit.days, item.statutory_limit.unit), teller.language),)
    return said + plain(item.statutory_limit.basis) if item.statutory_limit.basis else said


def _situations(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    return (Listing(tuple(teller.of(one) for one in item.situations)),) if item.situations else ()


def _legal_basis(laws: list[LegalBasis], teller: Teller) -> tuple[Part, ...]:
    rows = tuple(((Said(one.law + _as_of(one, teller), "zh"),), plain(one.article)) for one in laws)
    table = Table(teller.word("legal_basis"), (teller.word("law"), teller.word("article")), rows)
    return (table, *(Passage(Said(one.text, "zh"), title=teller.law(one)) for one in laws if one.text))


def _as_of(basis: LegalBasis, teller: Teller) -> str:
    return teller.word("as_of", day=basis.version.isoformat()) if basis.version else ""


def _codes(local_code: str, item: ItemContent, teller: Teller) -> Iterator[tuple[str, Cell]]:
    named = {"base_code": item.base_code, "implementation_code": item.implementation_code, "handling_item_code": item.handling_item_code}
    yield "local_code", (Said(local_code, teller.language),)
    for key, code in named.items():
        yield key, (Said(code, teller.language),) if code else ()
    yield "exercise_level", (Said(in_language(LEVELS[item.exercise_level], teller.language), teller.language),)
