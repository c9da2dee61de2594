"""Verification by anybody: of an identifier, of signed text, and with our public keys without asking us at all."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.app import service_router
from chassis.clock import local_day
from chassis.edge import Reads
from chassis.schema import Body, View
from services.certificates import store
from services.certificates.api.access import AnyoneGetsKeys, AnyoneVerifies
from services.certificates.api.shapes import IssuerView
from services.certificates.errors import IdentifierInvalid, IdentifierUnknown, standard_fault
from services.certificates.queries.verify_signed import verify_signed
from services.certificates.rules.certificates import HolderKind, Status, masked_name, status_on
from services.certificates.seal import Verdict
from standards.certificate_id import InvalidCertificateId, parse

router = service_router("verification")


class VerifiedView(View):
    """A certificate of this library as anybody may know it. A person's given name is masked."""

    identifier: str
    is_genuine: Literal[True] = True
    status: Status
    type_code: str
    type_name: str
    issuer: IssuerView
    holder_kind: HolderKind
    holder_name_masked: str
    issued_on: date
    valid_from: date
    valid_until: date | None


class SignedBody(Body):
    jws: str = Field(min_length=1, max_length=200_000, description="The compact JWS as downloaded or attached to the PDF.")


class SignedVerdict(View):
    """`verdict` says why it is not genuine; `certificate` is how it stands in the library today."""

    is_genuine: bool
    verdict: Verdict
    certificate: VerifiedView | None


class KeySetView(View):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


def _verified(row: RowMapping, today: date) -> VerifiedView:
    return VerifiedView(
        identifier=row["identifier"],
        status=status_on(today, valid_from=row["valid_from"], valid_until=row["valid_until"]),
        type_code=row["type_code"],
        type_name=row["type_name"],
        issuer=IssuerView(code=row["issuer_code"], name=row["issuer_name"]),
        holder_kind=row["holder_kind"],
        holder_name_masked=masked_name(row["holder_kind"], row["holder_name"]),
        issued_on=row["issued_on"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )


@router.get("/verify/{identifier}")
async def verify_identifier(
    identifier: Annotated[str, Path(min_length=1, max_length=200)], actor: AnyoneVerifies, tx: Reads
) -> VerifiedView:
    """Whether a certificate of that identifier exists and is valid today. A mistyped identifier is 422 with the segment that is wrong."""
    try:
        parsed = parse(identifier)
    except InvalidCertificateId as violation:
        raise IdentifierInvalid(errors=[standard_fault("path:identifier", violation)]) from violation
    row = await store.certificate_by_identifier(tx, parsed.value)
    if row is None:
        raise IdentifierUnknown()
    return _verified(row, local_day(tx.now))


@router.post("/verify")
async def verify_signed_text(body: SignedBody, actor: AnyoneVerifies, tx: Reads) -> SignedVerdict:
    """Whether this signed text is ours and unaltered, and how the certificate stands today."""
    verdict, row = await verify_signed(tx, body.jws)
    certificate = _verified(row, local_day(tx.now)) if row is not None else None
    return SignedVerdict(is_genuine=verdict == "genuine", verdict=verdict, certificate=certificate)


@router.get("/keys")
async def list_keys(actor: AnyoneGetsKeys, tx: Reads) -> KeySetView:
    """The public keys of every signature the library ever made."""
    return KeySetView(keys=[dict(key) for key in await store.public_keys(tx)])
