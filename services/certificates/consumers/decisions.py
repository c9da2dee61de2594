"""Decisions of approval: a granted one with a result type becomes a certificate.

The decision carries everything but a person's citizen ID number, which no event may; identity tells it to this service, audited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from pydantic import Field

from chassis.consumers import NotYet
from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from chassis.runtime import Runtime
from services.certificates import store
from services.certificates.commands.issue_certificate import IssueCertificate, issue_certificate
from services.certificates.rules.certificates import HolderKind, HolderParty, IssuerParty
from services.certificates.seal import Seal, seal_of

TOPIC = "tongban.approval.case"
DECIDED = "tongban.approval.case.decided.v1"
_PURPOSE = "certificate-issue"


class _Applicant(EventView):
    subject: UUID
    kind: HolderKind
    name: str
    code: str | None = None


class _Authority(EventView):
    code: str
    name: str


class Decision(EventView):
    """What the library needs to know of a decision."""

    case_id: UUID
    application_id: UUID
    outcome: Literal["granted", "refused"]
    decided_on: date
    authority: _Authority
    region_code: str
    applicant: _Applicant
    result_type_code: str | None = None
    result_validity_months: int | None = None
    form: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def has_certificate(self) -> bool:
        return self.outcome == "granted" and self.result_type_code is not None


@dataclass(frozen=True, slots=True)
class _Prepared:
    seal: Seal
    holder: HolderParty


async def _prepare(event: Incoming[Decision], runtime: Runtime) -> _Prepared | None:
    if not event.body.has_certificate:
        return None
    applicant = event.body.applicant
    if applicant.code is not None:
        return _Prepared(seal_of(runtime), HolderParty(kind=applicant.kind, name=applicant.name, code=applicant.code))
    path = f"/holders/{applicant.subject}/identifier?purpose={quote(_PURPOSE)}"
    known = (await runtime.http.get("identity", path, as_service=True)).json()
    return _Prepared(seal_of(runtime), HolderParty(kind=known["kind"], name=known["name"], code=known["code"]))


async def _apply(event: Incoming[Decision], tx: WriteTx, prepared: _Prepared | None) -> None:
    decision = event.body
    if prepared is None or decision.result_type_code is None:
        return
    type_row = await store.current_type(tx, decision.result_type_code)
    if type_row is None:
        raise NotYet(f"certificate type {decision.result_type_code}")
    command = IssueCertificate(
        case_id=decision.case_id,
        application_id=decision.application_id,
        holder=prepared.holder,
        holder_subject=decision.applicant.subject,
        issuer=IssuerParty(code=decision.authority.code, name=decision.authority.name),
        region_code=decision.region_code,
        decided_on=decision.decided_on,
        validity_months=decision.result_validity_months,
        form=decision.form,
    )
    await issue_certificate(command, type_row, tx, prepared.seal)


DECISIONS = Consumer(
    name="certificates.decisions",
    topics=(TOPIC,),
    handlers=(Handler(type=DECIDED, view=Decision, apply=_apply, prepare=_prepare),),
)
