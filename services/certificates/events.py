"""What the certificate library says happened."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Event

TOPIC = "tongban.certificates.certificate"


class Authority(BaseModel):
    """The department whose certificate it is; `code` is its USCC."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str


class Holder(BaseModel):
    """Who holds it, without the full number."""

    model_config = ConfigDict(frozen=True)

    subject: UUID | None
    kind: Literal["person", "organisation"]
    name: str
    holder_index: str
    code_masked: str


class CertificateIssued(Event):
    """A certificate entered the library: issued on a decision, or supplied by its department (then without application and case)."""

    topic: ClassVar[str] = TOPIC
    type: ClassVar[str] = "tongban.certificates.certificate.issued.v1"

    certificate_id: UUID
    identifier: str
    number: str
    type_code: str
    type_name: str
    authority: Authority
    holder: Holder
    application_id: UUID | None
    case_id: UUID | None
    valid_from: date
    valid_until: date | None
    issued_at: datetime

    def key(self) -> str:
        return str(self.certificate_id)

    def attributes(self) -> Mapping[str, str]:
        return {"authority": self.authority.code}
