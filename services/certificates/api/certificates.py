"""Certificates: supplied one by one, read by their holder and issuer, as a record, as a PDF, as signed text."""

import asyncio
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.clock import local_day
from chassis.edge import Writes
from chassis.schema import Body, View
from services.certificates.api.access import CanRead, CanSupply
from services.certificates.api.runtime import Running
from services.certificates.api.shapes import CertificateLine, TypeCode, line_values
from services.certificates.commands.open_certificate import open_certificate
from services.certificates.commands.supply_certificate import SupplyCertificate, supply_certificate
from services.certificates.documents.certificate import render_certificate
from services.certificates.rules.certificates import HolderKind, HolderParty, IssuerParty
from services.certificates.seal import content_of, open_signed, seal_of

router = service_router("certificates")

JWS_MEDIA_TYPE = "application/jose"


class HolderBody(Body):
    """`code` is a citizen ID number or a USCC, by kind."""

    kind: HolderKind
    name: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=40)


class IssuerBody(Body):
    code: str = Field(pattern=r"^[0-9A-Z]{1,36}$", description="The issuing department's USCC.")
    name: str = Field(min_length=1, max_length=200)


class SupplyBody(Body):
    """A certificate its department issued already."""

    type_code: TypeCode
    number: str = Field(min_length=1, max_length=100)
    version: int = Field(default=1, ge=1, le=999)
    serial: str | None = Field(
        default=None, pattern=r"^[0-9A-Z]{1,64}$", description="Of the identifier; the library gives one without it."
    )
    holder: HolderBody
    issuer: IssuerBody
    region_code: str = Field(pattern=r"^[0-9]{6,12}$")
    issued_on: date | None = Field(default=None, description="valid_from without it.")
    valid_from: date
    valid_until: date | None = None
    elements: dict[str, Any] = Field(max_length=100)

    def command(self) -> SupplyCertificate:
        return SupplyCertificate(
            type_code=self.type_code,
            number=self.number,
            version=self.version,
            serial=self.serial,
            holder=HolderParty(kind=self.holder.kind, name=self.holder.name, code=self.holder.code),
            issuer=IssuerParty(code=self.issuer.code, name=self.issuer.name),
            region_code=self.region_code,
            issued_on=self.issued_on or self.valid_from,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            elements=self.elements,
        )


class SuppliedView(View):
    id: UUID
    identifier: str


class CertificateView(CertificateLine):
    """A certificate in full, for those who may read it."""

    type_version: int
    version: int
    number_full: str
    holder_code: str
    region_code: str
    elements: dict[str, Any]


class OpenedCertificate:
    """A certificate opened for this request, its transaction closed: rendering must not hold a connection."""

    def __init__(self, row: RowMapping, signed: str) -> None:
        self.row = row
        self.signed = signed
        self.content = content_of(signed)


async def _opened(
    certificate_id: UUID,
    actor: CanRead,
    running: Running,
    purpose: Annotated[
        str | None, Query(min_length=2, max_length=200, description="Needed from everybody but the holder, who will see it.")
    ] = None,
) -> OpenedCertificate:
    async with running.db.write() as tx:
        row = await open_certificate(certificate_id, actor, purpose, tx)
    return OpenedCertificate(row, open_signed(running.keys, certificate_id, row["signed_sealed"]))


Opened = Annotated[OpenedCertificate, Depends(_opened)]


@router.post("/certificates", status_code=201)
async def supply(body: SupplyBody, actor: CanSupply, running: Running, tx: Writes) -> SuppliedView:
    """Supply one certificate. A department's system supplies its own department's only."""
    certificate_id, identifier = await supply_certificate(body.command(), actor, tx, seal_of(running))
    return SuppliedView(id=certificate_id, identifier=identifier)


@router.get("/certificates/{certificate_id}")
async def read_certificate(opened: Opened, running: Running) -> CertificateView:
    """A certificate in full: for its holder, the system of the department that issued it, and services of the suite it was used in."""
    content = opened.content
    return CertificateView(
        **line_values(opened.row, local_day(running.clock.now())),
        type_version=content.type.version,
        version=content.version,
        number_full=content.number,
        holder_code=content.holder.code,
        region_code=content.region_code,
        elements=content.elements,
    )


@router.get(
    "/certificates/{certificate_id}/pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "PDF/A-3 with the signed text attached"}},
)
async def read_certificate_as_pdf(opened: Opened, running: Running) -> Response:
    """The certificate as a page to keep and to print: its QR code verifies it, the attached signed text proves it offline."""
    url = verify_url(running.settings.public_url, opened.content.identifier)
    schema = opened.row["elements"]
    pdf = await asyncio.to_thread(
        render_certificate, opened.content, schema, verify_url=url, signed=opened.signed, entered_at=opened.row["entered_at"]
    )
    name = quote(f"{opened.content.type.name}-{opened.row['number']}.pdf", safe="")
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}"})


@router.get(
    "/certificates/{certificate_id}/jws",
    response_class=Response,
    responses={200: {"content": {JWS_MEDIA_TYPE: {}}, "description": "Compact JWS over the certificate's canonical JSON"}},
)
async def read_certificate_as_signed_text(opened: Opened) -> Response:
    """The signed certificate: whoever has the library's public keys verifies it without asking anybody."""
    return Response(opened.signed, media_type=JWS_MEDIA_TYPE)


def verify_url(public_url: str, identifier: str) -> str:
    """Where anybody verifies a certificate by its identifier."""
    return f"{public_url.rstrip('/')}/api/certificates/v1/verify/{identifier}"
