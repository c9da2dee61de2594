"""What a journey must have left in the databases of a suite, whatever was killed on the way: everything once, nothing else.

`Ledger.open` before a journey remembers what is there; `settle` after it waits until every event has had its effects; `check` then
compares. Journeys at one suite are taken one after the other, so what is new is the journey's.
"""

import base64
from collections import Counter
from dataclasses import dataclass
from typing import Any

from chassis.database import OUTBOX_CHANNEL  # noqa: F401
from host.demo.journey import Journey
from host.services import SERVICES
from standards.merkle import Frontier, leaf_hash
from standards.signed_note import VerifierKey, parse_checkpoint, verify_note
from tests.faults.installation import Installation
from tests.support.waiting import until

_TABLES = {
    "intake": ("applications", "receipts", "files", "materials"),
    "approval": ("cases", "tasks"),
    "certificates": ("certificates",),
}
_APPLICATION, _CASE, _CERTIFICATE = "tongban.intake.application", "tongban.approval.case", "tongban.certificates.certificate"
TOLD = {
    _APPLICATION: ["submitted.v1", "accepted.v1", "concluded.v1", "delivered.v1"],
    _CASE: ["opened.v1", "task_completed.v1", "task_completed.v1", "decided.v1"],
    _CERTIFICATE: ["issued.v1"],
}
"""What a journey tells, per aggregate, in order."""
