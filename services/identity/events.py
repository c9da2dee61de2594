"""What the identity service says happened. No event carries a citizen ID number or a full name of a person."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chassis.events import Event

PERSON_TOPIC = "tongban.identity.person"
ORGANISATION_TOPIC = "tongban.identity.organisation"


class PersonRegistered(Event):
    topic: ClassVar[str] = PERSON_TOPIC
    type: ClassVar[str] = "tongban.identity.person.registered.v1"

    person_id: UUID
    name_masked: str
    assurance: int
    holder_index: str
    registered_at: datetime

    def key(self) -> str:
        return str(self.person_id)


class PersonVerified(Event):
    """A source at the border confirmed more than was known: the person's assurance level rose."""

    topic: ClassVar[str] = PERSON_TOPIC
    type: ClassVar[str] = "tongban.identity.person.verified.v1"

    person_id: UUID
    name_masked: str
    assurance: int
    holder_index: str
    source: str
    verified_at: datetime

    def key(self) -> str:
        return str(self.person_id)


class _OrganisationEvent(Event):
    topic: ClassVar[str] = ORGANISATION_TOPIC

    organisation_id: UUID
    name: str
    uscc: str
    legal_representative: UUID
    holder_index: str

    def key(self) -> str:
        return str(self.organisation_id)


class OrganisationRegistered(_OrganisationEvent):
    type: ClassVar[str] = "tongban.identity.organisation.registered.v1"


class RepresentativeChanged(_OrganisationEvent):
    """The legal-person base confirmed somebody else as the legal representative; the one before no longer acts for it."""

    type: ClassVar[str] = "tongban.identity.organisation.representative_changed.v1"
