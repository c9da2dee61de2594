"""Materials: filled first from the certificate library; only what remains is asked of the applicant.

What departments share among themselves (`shared`) is fetched by the deciding department and never asked. The application form itself
(`filled_form`) is the form answered online. A material the library did not answer for yet may still be uploaded.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.rules.item import Ask, Item


class Standing(StrEnum):
    """Where a material stands: `asked` and `pending_library` are open, the others settled."""

    ASKED = "asked"
    PENDING_LIBRARY = "pending_library"
    FILLED = "filled"
    UPLOADED = "uploaded"
    ANSWERED_IN_FORM = "answered_in_form"
    SHARED = "shared"


OPEN = frozenset({Standing.ASKED, Standing.PENDING_LIBRARY})


class Match(BaseModel):
    """A certificate the library found for the applicant, and the record of this use."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type_code: str
    certificate_id: UUID
    identifier: str
    name: str
    holder_name: str
    grade: str
    use_id: UUID
    elements: dict[str, Any] = Field(default_factory=dict, exclude=True, repr=False)
    """What the certificate says; read once to fill in the form, never kept beside the material."""


class Material(BaseModel):
    """One material of one application. Of `match` and `file_id` at most one is set."""

    model_config = ConfigDict(frozen=True)

    key: str
    standing: Standing
    match: Match | None = None
    file_id: UUID | None = None
    file_name: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None


def needed_types(asks: Iterable[Ask]) -> tuple[str, ...]:
    """The certificate types to look for, each once, in the item's order."""
    return tuple(dict.fromkeys(ask.certificate_type for ask in asks if ask.source == "certificate" and ask.certificate_type))


def pending_types(item: Item, materials: Iterable[Material]) -> tuple[str, ...]:
    """The certificate types that the library has still to answer for."""
    pending = {material.key for material in materials if material.standing is Standing.PENDING_LIBRARY}
    return needed_types(ask for ask in item.materials if ask.key in pending)


def first_standing(ask: Ask) -> Standing:
    """Where a material stands in a new draft, before the library has answered."""
    if ask.source == "shared":
        return Standing.SHARED
    if ask.source == "certificate" and ask.certificate_type:
        return Standing.PENDING_LIBRARY
    return Standing.ANSWERED_IN_FORM if ask.form == "filled_form" else Standing.ASKED


def carried_over(before: Item, materials: Iterable[Material], after: Item) -> tuple[Material, ...]:
    """The materials of an item whose situation changed: what was settled and is still asked the same way stays, the rest begins anew."""
    known = {material.key: material for material in materials}
    return tuple(
        known[ask.key]
        if ask.key in known and _is_the_same(before.ask(ask.key), ask)
        else Material(key=ask.key, standing=first_standing(ask))
        for ask in after.materials
    )


def _is_the_same(one: Ask | None, other: Ask) -> bool:
    return one is not None and (one.source, one.certificate_type, one.form) == (other.source, other.certificate_type, other.form)


def filled(item: Item, materials: Iterable[Material], matches: Iterable[Match]) -> tuple[Material, ...]:
    """The pending materials after the library answered: filled where it found a certificate, asked where it did not."""
    by_type: dict[str, Match] = {}
    for match in matches:
        by_type.setdefault(match.type_code, match)
    types: Mapping[str, str | None] = {ask.key: ask.certificate_type for ask in item.materials}
    changed = []
    for material in materials:
        if material.standing is Standing.PENDING_LIBRARY:
            found = by_type.get(types.get(material.key) or "")
            standing = Standing.FILLED if found else Standing.ASKED
            changed.append(material.model_copy(update={"standing": standing, "match": found}))
    return tuple(changed)


def lacking(item: Item, materials: Iterable[Material]) -> tuple[Material, ...]:
    """Every required material that is still open: what a one-time notice has to name."""
    required = {ask.key for ask in item.materials if ask.necessity == "required"}
    return tuple(material for material in materials if material.key in required and material.standing in OPEN)
