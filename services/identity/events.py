"""What the identity service says happened. No event carries a citizen ID number or a citizen's full name; officials are named.

Those of departments, staff and delegations carry the full state, so that a reader may keep a copy.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from chassis.events import Event

PERSON_TOPIC = "tongban.identity.person"
ORGANISATION_TOPIC = "tongban.identity.organisation"
DEPARTMENT_TOPIC = "tongban.identity.department"
STAFF_TOPIC = "tongban.identity.staff"
DELEGATION_TOPIC = "tongban.identity.delegation"


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


class DepartmentChanged(Event):
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


class _StaffEvent(Event):
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


class _DelegationEvent(Event):
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
