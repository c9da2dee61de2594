"""What a run has made so far: ids, numbers, links."""

from dataclasses import dataclass, field
from typing import Any

ACCEPTED = "tongban.intake.application.accepted.v1"
DECIDED = "tongban.approval.case.decided.v1"
ISSUED = "tongban.certificates.certificate.issued.v1"


@dataclass(slots=True)
class Story:
    """Filled step by step; empty where the journey has not come yet."""

    person_id: str = ""
    organisation_id: str = ""
    item_version_id: str = ""
    application_id: str = ""
    application_etag: str = ""
    application_number: str = ""
    asked: list[str] = field(default_factory=list)
    receipt_number: str = ""
    tracking_code: str = ""
    accepted_on: str = ""
    due_on: str = ""
    case_id: str = ""
    hands: dict[str, str] = field(default_factory=dict)
    certificate_id: str = ""
    certificate_identifier: str = ""
    pdf: bytes = field(default=b"", repr=False)
    events: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def ids(self) -> dict[str, Any]:
        """What it made, for programs."""
        names = (
            "person_id", "organisation_id", "item_version_id", "application_id", "application_number", "receipt_number", "tracking_code",
            "accepted_on", "due_on", "case_id", "certificate_id", "certificate_identifier", "events",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names if getattr(self, name)}
