"""Every change begins here: the application locked, visible to the one who acts, and in a state that allows the step."""

from uuid import UUID

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.edge import check_version
from chassis.problems import NotFound
from services.intake import store
from services.intake.errors import StepNotAllowed
from services.intake.rules.application import Application, Named
from services.intake.rules.lifecycle import State, Step, after


async def lock_for(
    tx: WriteTx, application_id: UUID, step: Step, visible: store.Visibility, *, seen: int | None = None
) -> tuple[Application, State]:
    """The application and the state the step leads to. `seen` is the version the caller read.

    Raises NotFound, StepNotAllowed, PreconditionFailed.
    """
    application = await store.lock_application(tx, application_id, visible)
    if application is None:
        raise NotFound()
    state = after(application.state, step)
    if state is None:
        raise StepNotAllowed(application.state, step)
    if seen is not None:
        check_version(seen, application.version)
    return application, state


def acting(actor: Actor) -> Named:
    """The natural person behind a request."""
    return Named(subject=actor.via.subject, name=actor.via.name) if actor.via else Named(subject=actor.subject, name=actor.name)
