"""Put a holder's certificates to use in an application."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.clock import local_day
from chassis.database import WriteTx
from services.certificates import store


@dataclass(frozen=True, slots=True)
class UseCertificates:
    """What the certificates are looked for, and for which application."""

    purpose: str
    item_code: str
    item_name: str
    application_id: UUID
    type_codes: Sequence[str]


async def use_certificates(command: UseCertificates, actor: Actor, tx: WriteTx) -> list[tuple[RowMapping, UUID]]:
    """The valid certificate of each type, with the id of the use record its holder will see.

    Who acts for an organisation shows the organisation's certificates and, where it has none of a type, their own; who acts for a
    person shows that person's alone. A token limited to some items shows nothing for another.
    """
    beside = actor.via.holder_index if actor.via and actor.kind == "organisation" else None
    own = [index for index in (actor.holder_index, beside) if index]
    if not own or (actor.limited_to and command.item_code not in actor.limited_to):
        return []
    found = await store.find_valid(tx, own, sorted(set(command.type_codes)), on=local_day(tx.now))
    matches = [(row, tx.clock.new_id()) for row in found]
    await store.insert_uses(
        tx,
        [
            {
                "id": use_id,
                "certificate_id": row["id"],
                "holder_index": row["holder_index"],
                "purpose": command.purpose,
                "item_code": command.item_code,
                "item_name": command.item_name,
                "application_id": command.application_id,
                **user_of(actor),
            }
            for row, use_id in matches
        ],
    )
    return matches


def user_of(actor: Actor) -> dict[str, object]:
    """Who used a certificate, as its holder will read it: the person or system behind the request."""
    return {
        "user_kind": actor.kind,
        "user_subject": actor.person,
        "user_name": actor.via.name if actor.via else actor.name,
        "client_id": actor.client_id,
    }
