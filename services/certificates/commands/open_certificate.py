"""Open one certificate for somebody who may read it."""

from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.audit import record_read
from chassis.database import WriteTx
from services.certificates import store
from services.certificates.commands.use_certificates import user_of
from services.certificates.errors import CertificateNotFound, PurposeMissing

_DISCLOSED = ("holder", "number", "elements")


async def open_certificate(certificate_id: UUID, actor: Actor, purpose: str | None, tx: WriteTx) -> RowMapping:
    """The certificate. Anybody but its holder names a purpose, is audited, and is shown to the holder.

    Raises CertificateNotFound, PurposeMissing.
    """
    is_holder = actor.kind in ("person", "organisation")
    if not is_holder and purpose is None:
        raise PurposeMissing()
    row = await store.visible_certificate(tx, actor, certificate_id)
    if row is None:
        raise CertificateNotFound()
    if not is_holder and purpose is not None:
        await record_read(tx, actor, subject=row["holder_index"], fields=_DISCLOSED, purpose=purpose)
        use = {
            "id": tx.clock.new_id(),
            "certificate_id": certificate_id,
            "holder_index": row["holder_index"],
            "purpose": purpose,
            "item_code": None,
            "item_name": None,
            "application_id": None,
            **user_of(actor),
        }
        await store.insert_uses(tx, [use])
    return row
