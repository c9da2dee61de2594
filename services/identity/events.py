"""What the identity service says happened. No event carries a citizen ID number or a full name of a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from chassis.events import Event

PERSON_TOPIC = "tongban.identity.person"
ORGANISATION_TOPIC = "tongban.identity.organisation"
MANDATE_TOPIC = "tongban.identity.mandate"


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


class _MandateEvent(Event):
    """The whole mandate: who may act for whom, in which items (empty: any), from when to when."""

    topic: ClassVar[str] = MANDATE_TOPIC

    mandate_id: UUID
    version: int
    kind: str
    principal: UUID
    principal_kind: str
    agent: UUID
    scopes: list[str]
    items: list[str]
    begins_at: datetime
    ends_at: datetime | None
    made_by: str
    maker: UUID
    record_number: str | None
    appointed_at: datetime

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """From a row of the table."""
        return cls(mandate_id=row["id"], **{name: row[name] for name in cls.model_fields if name != "mandate_id"})

    def key(self) -> str:
        return str(self.mandate_id)


class MandateAppointed(_MandateEvent):
    type: ClassVar[str] = "tongban.identity.mandate.appointed.v1"


class MandateEnded(_MandateEvent):
    """`end_reason`: by_principal, by_agent, by_record or expired; `ended_by` is null for the last."""

    type: ClassVar[str] = "tongban.identity.mandate.ended.v1"

    ended_at: datetime
    ended_by: UUID | None
    end_reason: str


class OneCodeReplayed(Event):
    """A person's one code was shown a second time: somebody copied it, or a device scanned it twice."""

    topic: ClassVar[str] = PERSON_TOPIC
    type: ClassVar[str] = "tongban.identity.person.one_code_replayed.v1"

    person_id: UUID
    first_device: UUID
    first_used_at: datetime
    replayed_at_device: UUID
    replayed_at: datetime

    def key(self) -> str:
        return str(self.person_id)


class PasswordChanged(Event):
    """A person's password is a new one, and every sign-in made before has ended."""

    topic: ClassVar[str] = PERSON_TOPIC
    type: ClassVar[str] = "tongban.identity.person.password_changed.v1"

    person_id: UUID
    changed_at: datetime

    def key(self) -> str:
        return str(self.person_id)
