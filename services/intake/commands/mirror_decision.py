"""Mirror a case's decision on its application."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import WriteTx
from services.intake import store
from services.intake.events import ApplicationConcluded, ApplicationDelivered
from services.intake.rules.application import Application, Certificate, Outcome
from services.intake.rules.lifecycle import State, Step, after, after_decision


class ApplicationMissing(LookupError):
    """An event speaks of an application that was never accepted here."""


async def conclude_application(tx: WriteTx, application_id: UUID, outcome: Outcome, *, decided_at: datetime) -> None:
    """Concluded, and delivered too where the certificate came first; a second time it changes nothing. Raises ApplicationMissing."""
    application = await _locked(tx, application_id)
    states = after_decision(application.state, has_certificate=application.certificate is not None)
    if not states:
        return
    times = replace(application.times, concluded_at=decided_at, delivered_at=tx.now if State.DELIVERED in states else None)
    saved = await store.save_application(tx, replace(application, state=states[-1], outcome=outcome, times=times))
    tx.emit(ApplicationConcluded(application_id=saved.id, authority=saved.item.authority, outcome=outcome.outcome, concluded_at=decided_at))
    if State.DELIVERED in states:
        _tell_delivered(tx, saved)


async def deliver_certificate(tx: WriteTx, application_id: UUID, certificate: Certificate) -> None:
    """Remember the certificate; delivered once the application is concluded. Raises ApplicationMissing."""
    application = await _locked(tx, application_id)
    if application.certificate is not None:
        return
    state = after(application.state, Step.DELIVER)
    times = replace(application.times, delivered_at=tx.now if state else None)
    saved = await store.save_application(tx, replace(application, state=state or application.state, certificate=certificate, times=times))
    if state is not None:
        _tell_delivered(tx, saved)


async def _locked(tx: WriteTx, application_id: UUID) -> Application:
    application = await store.lock_application(tx, application_id, store.anyones())
    if application is None or application.times.accepted_at is None:
        raise ApplicationMissing(str(application_id))
    return application


def _tell_delivered(tx: WriteTx, application: Application) -> None:
    assert application.certificate is not None
    tx.emit(
        ApplicationDelivered(
            application_id=application.id,
            authority=application.item.authority,
            certificate_id=application.certificate.certificate_id,
            delivered_at=tx.now,
        )
    )
