"""What a guide says around the item itself: where, when, whom to call, what it costs, what comes of it, what to do against it."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.catalog.rules.content.parts import (
    Bilingual,
    Code,
    Content,
    FieldName,
    Name,
    Passage,
    PhoneNumber,
    Sentence,
    WebAddress,
)
from services.catalog.rules.regions import RegionCode

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Fee(Content):
    """What it costs; `basis` names the rule that allows the charge."""

    is_charged: bool
    text: Bilingual
    basis: Sentence | None = None


class FeeEntry(Content):
    """One charge: its standard in words, the rule that allows it, and who need not pay."""

    name: Bilingual
    standard: Bilingual
    basis: Sentence | None = None
    exemption: Bilingual | None = None


class FormSection(Content):
    """A group of the form's fields as people see it; `fields` are property names of the form's schema."""

    title: Bilingual
    fields: list[FieldName] = Field(min_length=1, max_length=100)


class Question(Content):
    """A question people ask, answered."""

    question: Sentence
    answer: Passage


class OpeningHours(Content):
    """`on` says the days as people say them: working days, Saturdays."""

    on: Bilingual
    opens: TimeOfDay
    closes: TimeOfDay


class Place(Content):
    """Where it can be asked for in person."""

    name: Bilingual
    address: Bilingual
    windows: Bilingual | None = None
    region_code: RegionCode | None = None
    phones: list[PhoneNumber] = Field(default_factory=list, max_length=10)
    hours: list[OpeningHours] = Field(default_factory=list, max_length=14)
    directions: Bilingual | None = None


class Contact(Content):
    """A way to ask or to complain: a number, an address on the web, or a place."""

    name: Bilingual
    phone: PhoneNumber | None = None
    address: WebAddress | None = None
    place: Bilingual | None = None


class Appointment(Content):
    """Whether one needs an appointment, and how one is made."""

    is_needed: bool
    text: Bilingual
    phone: PhoneNumber | None = None
    address: WebAddress | None = None


class ExpressDelivery(Content):
    """What may be sent: materials to the window, results to the applicant; and who pays."""

    takes_materials: bool
    sends_results: bool
    paid_by: Literal["applicant", "authority"]
    text: Bilingual | None = None


class Seal(Content):
    """Whose seal a result bears: the authority's, or its seal for licences and approvals."""

    kind: Literal["authority", "approvals"]
    name: Bilingual


class Result(Content):
    """What comes of it. `seal` is missing only where a result bears none, such as an answer to a query."""

    name: Bilingual
    kind: Literal["licence", "certificate", "approval", "registration", "answer", "benefit"]
    type_code: Code | None = None
    validity_months: int | None = Field(default=None, ge=1, le=1200)
    validity_text: Bilingual | None = None
    seal: Seal | None = None
    sample: WebAddress | None = None


class QuantityLimit(Content):
    """That only so many are granted, and how one is chosen (Licensing Law art. 57)."""

    text: Bilingual
    most: int | None = Field(default=None, ge=1, le=1_000_000)
    basis: Sentence | None = None


class Remedy(Content):
    """What one may do against a decision: where, within how long, by which article."""

    kind: Literal["reconsideration", "litigation"]
    body: Bilingual
    within: int = Field(ge=1, le=3650)
    unit: Literal["day", "month"]
    basis: Sentence | None = None


class DelegatedAuthority(Content):
    """Who carries the item out in the authority's name, and by which document."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
    name: Name
    name_en: Name | None = None
    basis: Sentence


class GuideText(Content):
    """A passage of the guide that has no field of its own."""

    title: Bilingual
    text: Passage
    text_en: Passage | None = None
