"""Whether a signed certificate somebody shows is ours."""

from sqlalchemy import RowMapping

from chassis.database import ReadTx
from services.certificates import store
from services.certificates.seal import Verdict, check_signed, key_id_of


async def verify_signed(tx: ReadTx, signed: str) -> tuple[Verdict, RowMapping | None]:
    """The verdict on the signature and, when it is genuine, the certificate as it stands now.

    Raises SignedCertificateUnreadable.
    """
    verdict, content = check_signed(signed, await store.public_key(tx, key_id_of(signed)))
    if content is None:
        return verdict, None
    return verdict, await store.certificate_by_identifier(tx, content.identifier)
