"""What a guide says of money and of what comes of it."""

from collections.abc import Iterator

from services.catalog.rules.content import FeeEntry, ItemContent, Result
from services.catalog.rules.guide.parts import Cell, Part, Passage, Said, Table
from services.catalog.rules.guide.teller import Teller, plain
from services.catalog.rules.guide.wording import RESULT_KINDS


def fee_parts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """The fee in words, and every charge with its standard, basis and exemptions."""
    parts: list[Part] = [Passage(teller.of(item.fee.text))]
    if item.fee.is_charged and item.fee.basis:
        parts.append(Passage(Said(f"依据：{item.fee.basis}", "zh")))
    if item.fee_entries:
        head = (teller.word("fee_name"), teller.word("fee_standard"), teller.word("fee_basis"))
        rows = tuple(((teller.of(one.name),), (teller.of(one.standard),), _why(one, teller)) for one in item.fee_entries)
        parts.append(Table(teller.word("fees"), head, rows))
    return tuple(parts)


def _why(entry: FeeEntry, teller: Teller) -> Cell:
    said = plain(entry.basis) if entry.basis else ()
    return said + ((teller.within("exempt", text=entry.exemption),) if entry.exemption else ())


def result_parts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """Each result; where none is described, what the certificate library will hold of it."""
    if item.results:
        return tuple(teller.facts(_result(one, teller), title=teller.of(one.name)) for one in item.results)
    rows: list[tuple[str, Cell]] = [
        ("result_type_code", (Said(item.result_type_code, teller.language),) if item.result_type_code else ()),
        ("validity", _months(item.result_validity_months, teller)),
    ]
    return (teller.facts(rows),) if any(cell for _, cell in rows) else ()


def _result(result: Result, teller: Teller) -> Iterator[tuple[str, Cell]]:
    yield "result_kind", teller.codes(RESULT_KINDS, [result.kind])
    yield "validity", _months(result.validity_months, teller) + ((teller.of(result.validity_text),) if result.validity_text else ())
    yield "seal", (teller.within(f"seal_{result.seal.kind}", name=result.seal.name),) if result.seal else ()
    yield "result_type_code", (Said(result.type_code, teller.language),) if result.type_code else ()
    yield "sample", (Said(result.sample, teller.language, result.sample),) if result.sample else ()


def _months(count: int | None, teller: Teller) -> Cell:
    return (Said(teller.months(count), teller.language),) if count else ()
