"""Take one certificate from the department that issued it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import WriteTx
from chassis.problems import FieldError, Text
from services.certificates import store
from services.certificates.commands.enter_certificate import NewCertificate, enter_certificate
from services.certificates.errors import (
    CertificateAlreadySupplied,
    CertificateInvalid,
    CertificateTypeUnknown,
    NotTheIssuer,
    field_errors,
    standard_fault,
)  # fmt: skip
from services.certificates.rules import certificates as rules
from services.certificates.rules.elements import element_faults
from services.certificates.seal import Seal
from standards.errors import StandardViolation


@dataclass(frozen=True, slots=True)
class SupplyCertificate:
    """A certificate that exists already. Without `serial` the library gives one."""

    type_code: str
    number: str
    version: int
    serial: str | None
    holder: rules.HolderParty
    issuer: rules.IssuerParty
    region_code: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    elements: dict[str, Any]


async def supply_certificate(command: SupplyCertificate, actor: Actor, tx: WriteTx, seal: Seal) -> tuple[UUID, str]:
    """The new certificate's id and identifier.

    Raises NotTheIssuer, CertificateTypeUnknown, CertificateInvalid with every fault at once, CertificateAlreadySupplied.
    """
    if actor.kind == "system" and actor.department != command.issuer.code:
        raise NotTheIssuer()
    type_row = await store.current_type(tx, command.type_code)
    if type_row is None:
        raise CertificateTypeUnknown(type_code=command.type_code)
    errors = list(_errors(command, type_row))
    if errors:
        raise CertificateInvalid(errors=errors)
    holder = command.holder.model_copy(update={"code": rules.parse_holder_code(command.holder.kind, command.holder.code)})
    certificate_id = tx.clock.new_id()
    new = NewCertificate(
        id=certificate_id,
        serial=command.serial or rules.serial_for(certificate_id),
        number=command.number,
        version=command.version,
        holder=holder,
        holder_subject=None,
        issuer=command.issuer,
        region_code=command.region_code,
        issued_on=command.issued_on,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        elements=command.elements,
    )
    identifier = await enter_certificate(new, type_row, tx, seal)
    if identifier is None:
        raise CertificateAlreadySupplied()
    return certificate_id, identifier


def _errors(command: SupplyCertificate, type_row: RowMapping) -> Iterator[FieldError]:
    try:
        code = rules.parse_holder_code(command.holder.kind, command.holder.code)
        if command.holder.kind == "person" and command.serial and code in command.serial:
            yield FieldError(
                "/serial",
                "personal",
                Text("流水号是公开的，不能含公民身份号码", "the serial is public and may not hold a citizen ID number"),
            )
    except StandardViolation as violation:
        yield standard_fault("/holder/code", violation)
    if command.holder.kind != type_row["holder_kind"]:
        yield FieldError("/holder/kind", "kind", Text("与该类型的持证主体不符", "is not the kind of holder this type has"))
    if command.valid_until is not None and command.valid_until < command.valid_from:
        yield FieldError("/valid_until", "order", Text("不能早于 valid_from", "may not be before valid_from"))
    yield from field_errors(element_faults(type_row["elements"], command.elements))
