"""What the identity service says happened. No event carries a citizen ID number or a citizen's full name; officials are named.

Those that are `Stated` carry the full state, so that a reader may keep a copy by key; who comes late has them told again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from chassis.events import Event

PERSON_TOPIC = "tongban.identity.person"
ORGANISATION_TOPIC = "tongban.identity.organisation"
DEPARTMENT_TOPIC = "tongban.identity.department"
STAFF_TOPIC = "tongban.identity.staff"
DELEGATION_TOPIC = "tongban.identity.delegation"
MANDATE_TOPIC = "tongban.identity.mandate"


class Stated(Event):
    """`is_restated`: told again, for readers that came late; nothing has changed."""

    is_restated: bool = False


class PersonRegistered(Stated):
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


class _OrganisationEvent(Stated):
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


class DepartmentChanged(Stated):
    """A department was entered, or its record changed; `version` 1 is the entry."""

    topic: ClassVar[str] = DEPARTMENT_TOPIC
    type: ClassVar[str] = "tongban.identity.department.changed.v1"

    uscc: str
    name: str
    name_en: str | None
    region: str
    parent: str | None
    version: int

    def key(self) -> str:
        return self.uscc


class _StaffEvent(Stated):
    topic: ClassVar[str] = STAFF_TOPIC

    staff_id: UUID
    login: str
    name: str
    department: str
    region: str
    posts: list[str]
    grade: int
    item_departments: list[str] | None
    item_codes: list[str] | None
    version: int

    def key(self) -> str:
        return str(self.staff_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": self.department}


class StaffChanged(_StaffEvent):
    """A staff member was entered, returned, or their office changed."""

    type: ClassVar[str] = "tongban.identity.staff.changed.v1"


class StaffLeft(_StaffEvent):
    """The office they left. They may do nothing from now on."""

    type: ClassVar[str] = "tongban.identity.staff.left.v1"

    left_at: datetime


class _DelegationEvent(Stated):
    topic: ClassVar[str] = DELEGATION_TOPIC

    delegation_id: UUID
    delegator: UUID
    delegate: UUID
    department: str
    posts: list[str]
    region: str
    grade: int
    item_departments: list[str] | None
    item_codes: list[str] | None
    reason: str
    note: str
    valid_from: date
    valid_until: date
    granted_at: datetime

    def key(self) -> str:
        return str(self.delegation_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": self.department}


class DelegationGranted(_DelegationEvent):
    """Confirmed by the delegator with their password. It counts from `valid_from` to `valid_until`, both included, unless revoked."""

    type: ClassVar[str] = "tongban.identity.delegation.granted.v1"


class DelegationRevoked(_DelegationEvent):
    type: ClassVar[str] = "tongban.identity.delegation.revoked.v1"

    revoked_at: datetime
    revoked_by: UUID
    revocation_reason: str


class _MandateEvent(Stated):
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
        return cls(mandate_id=row["id"], **{name: row[name] for name in cls.model_fields if name in row})

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
