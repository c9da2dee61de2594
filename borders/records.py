"""What the systems at the border know: rows of the population base and of the legal-person base."""

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
