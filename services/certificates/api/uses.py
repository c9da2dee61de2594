"""Use of certificates in an application, with the applicant's own authorisation."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.edge import Writes
from chassis.schema import Body, View
from services.certificates.api.access import CanUseOwn
from services.certificates.api.runtime import Running
from services.certificates.api.shapes import TypeCode
from services.certificates.commands.use_certificates import UseCertificates, use_certificates
from services.certificates.seal import content_of, open_signed

router = service_router("uses")


class UseBody(Body):
    """Which certificates are wanted, and for what."""

    purpose: str = Field(min_length=2, max_length=200)
    item_code: str = Field(min_length=1, max_length=64)
    item_name: str = Field(min_length=1, max_length=200)
    application_id: UUID
    type_codes: Annotated[list[TypeCode], Field(min_length=1, max_length=50)]


class Match(View):
    """A valid certificate, used. Grade A: the issuer's own record, with its signature and a use record."""

    type_code: str
    certificate_id: UUID
    identifier: str
    number: str
    name: str
    holder_name: str
    issued_on: date
    valid_until: date | None
    grade: Literal["A"] = "A"
    use_id: UUID
    elements: dict[str, Any]


class Matches(View):
    """Types without a match are not in the list."""

    matches: list[Match]


@router.post("/uses", status_code=201)
async def use(body: UseBody, actor: CanUseOwn, running: Running, tx: Writes) -> Matches:
    """Find and use the applicant's valid certificates, one of each type; each use is recorded for the holder to see."""
    used = await use_certificates(UseCertificates(**body.model_dump()), actor, tx)
    return Matches(matches=[_match(row, use_id, running) for row, use_id in used])


def _match(row: RowMapping, use_id: UUID, running: Running) -> Match:
    content = content_of(open_signed(running.keys, row["id"], row["signed_sealed"]))
    return Match(
        type_code=row["type_code"],
        certificate_id=row["id"],
        identifier=row["identifier"],
        number=row["number"],
        name=row["type_name"],
        holder_name=row["holder_name"],
        issued_on=row["issued_on"],
        valid_until=row["valid_until"],
        use_id=use_id,
        elements=content.elements,
    )
