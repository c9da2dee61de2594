"""What a guide says around the deciding: where and when, by appointment or express, whom to ask, what to do against it."""

from collections.abc import Iterator

from services.catalog.rules.content import Contact, ItemContent, Place
from services.catalog.rules.guide.parts import Cell, Listing, Part, Said
from services.catalog.rules.guide.teller import Teller, plain


def places(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """Each place below its name."""
    return tuple(teller.facts(_place(one, teller), title=teller.of(one.name)) for one in item.places)


def _place(place: Place, teller: Teller) -> Iterator[tuple[str, Cell]]:
    yield "address", (teller.of(place.address),)
    yield "windows", (teller.of(place.windows),) if place.windows else ()
    yield "hours", tuple(teller.within("open_hours", on=one.on, opens=one.opens, closes=one.closes) for one in place.hours)
    yield "phones", tuple(_phone(one, teller) for one in place.phones)
    yield "directions", (teller.of(place.directions),) if place.directions else ()


def contacts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    rows = [("ask", one) for one in item.consultation] + [("complain", one) for one in item.complaints]
    return (teller.facts((key, _contact(one, teller)) for key, one in rows),) if rows else ()


def _contact(contact: Contact, teller: Teller) -> Cell:
    said: Cell = (teller.of(contact.name),)
    said += (_phone(contact.phone, teller),) if contact.phone else ()
    said += (Said(contact.address, teller.language, contact.address),) if contact.address else ()
    return said + ((teller.of(contact.place),) if contact.place else ())


def _phone(number: str, teller: Teller) -> Said:
    return Said(number, teller.language)


def appointment(item: ItemContent, teller: Teller) -> Cell:
    one = item.appointment
    if one is None:
        return ()
    said: Cell = (teller.say("appointment_needed" if one.is_needed else "appointment_not_needed"), teller.of(one.text))
    said += (_phone(one.phone, teller),) if one.phone else ()
    return said + ((Said(one.address, teller.language, one.address),) if one.address else ())


def express(item: ItemContent, teller: Teller) -> Cell:
    one = item.express_delivery
    if one is None or not (one.takes_materials or one.sends_results):
        return ()
    said: Cell = (teller.say("express_takes"),) if one.takes_materials else ()
    said += (teller.say("express_sends"),) if one.sends_results else ()
    said += (teller.say(f"express_paid_by_{one.paid_by}"),)
    return said + ((teller.of(one.text),) if one.text else ())


def remedies(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    said: list[Said] = []
    for one in item.remedies:
        within = teller.word(f"within_{one.unit}", count=one.within)
        said.append(teller.within(one.kind, body=one.body, within=within))
        said += plain(one.basis) if one.basis else ()
    return (Listing(tuple(said)),) if said else ()
