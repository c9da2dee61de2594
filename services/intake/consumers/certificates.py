"""Topic `tongban.certificates.certificate`: a certificate issued on an application delivers it."""

from uuid import UUID

from chassis.database import WriteTx
from chassis.events import Consumer, EventView, Handler, Incoming
from services.intake.commands.mirror_decision import deliver_certificate
from services.intake.rules.application import Certificate


class CertificateIssued(EventView):
    """`application_id` is None for certificates that departments supplied."""

    certificate_id: UUID
    identifier: str
    application_id: UUID | None = None


async def on_issued(event: Incoming[CertificateIssued], tx: WriteTx, prepared: None) -> None:
    seen = event.body
    if seen.application_id is not None:
        await deliver_certificate(tx, seen.application_id, Certificate(seen.certificate_id, seen.identifier))


certificates = Consumer(
    name="intake.certificates",
    topics=("tongban.certificates.certificate",),
    handlers=(Handler("tongban.certificates.certificate.issued.v1", CertificateIssued, on_issued),),
)
