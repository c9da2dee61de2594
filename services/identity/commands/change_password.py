"""Give a person a new password, once they have proven themselves otherwise; every sign-in made with the old one ends."""

from uuid import UUID

from chassis.database import WriteTx
from services.identity.events import PasswordChanged
from services.identity.store import recoveries, sessions


async def change_password(tx: WriteTx, person_id: UUID, password_hash: str) -> None:
    await recoveries.set_password(tx, person_id, password_hash)
    await sessions.end_sessions(tx, subject=person_id)
    tx.emit(PasswordChanged(person_id=person_id, changed_at=tx.now))
