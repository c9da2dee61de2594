"""What the systems at the border know: rows of both bases, of the bank channel and of the face service."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person of the population base."""

    name: str
    citizen_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """One organisation of the legal-person base, with its legal representative."""

    name: str
    uscc: str
    legal_representative_name: str
    legal_representative_citizen_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One card that a bank gave out, with the phone number its holder left there."""

    name: str
    citizen_id: str = field(repr=False)
    card: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """One finished liveness check: whose face it was, under the reference the face service gave out for it."""

    liveness_reference: str
    citizen_id: str = field(repr=False)
