"""Issue the certificate that a decision granted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from chassis.logs import get_logger
from services.certificates import store
from services.certificates.commands.enter_certificate import NewCertificate, enter_certificate
from services.certificates.rules import certificates as rules
from services.certificates.rules.elements import issued_elements, missing_elements
from services.certificates.seal import Seal

log = get_logger("tongban.certificates")


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    """A granted decision, with the holder's full code. `form` is what the applicant filled in."""

    case_id: UUID
    application_id: UUID
    holder: rules.HolderParty
    holder_subject: UUID
    issuer: rules.IssuerParty
    region_code: str
    decided_on: date
    validity_months: int | None
    form: Mapping[str, Any]


async def issue_certificate(command: IssueCertificate, type_row: RowMapping, tx: WriteTx, seal: Seal) -> None:
    """One certificate per case, however often the decision is told; what the form lacks is left out and logged, not invented."""
    while not await store.case_has_certificate(tx, command.case_id):
        # A number may be on a supplied certificate already; the next one is tried, so this ends.
        new = await _numbered(command, type_row, tx)
        if await enter_certificate(new, type_row, tx, seal) is not None:
            missing = missing_elements(type_row["elements"], new.elements)
            if missing:
                log.warning("certificate issued without required elements", case_id=str(command.case_id), missing=missing)


async def _numbered(command: IssueCertificate, type_row: RowMapping, tx: WriteTx) -> NewCertificate:
    region, year = command.region_code[:6], command.decided_on.year
    sequence = await store.take_number(tx, type_code=type_row["code"], region_code=region, year=year)
    number = rules.next_number(prefix=type_row["number_prefix"], region_code=region, year=year, sequence=sequence)
    months = command.validity_months if command.validity_months is not None else type_row["validity_months"]
    certificate_id = tx.clock.new_id()
    return NewCertificate(
        id=certificate_id,
        serial=rules.serial_for(certificate_id),
        number=number,
        version=1,
        holder=command.holder,
        holder_subject=command.holder_subject,
        issuer=command.issuer,
        region_code=command.region_code,
        issued_on=command.decided_on,
        valid_from=command.decided_on,
        valid_until=rules.last_valid_day(command.decided_on, months),
        elements=issued_elements(type_row["elements"], command.form, rules.known_facts(number, command.holder)),
        application_id=command.application_id,
        case_id=command.case_id,
    )
