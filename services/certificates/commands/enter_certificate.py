"""Enter a certificate in the library: compose its identifier, seal it, store it, tell of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.database import WriteTx
from services.certificates import store
from services.certificates.events import Authority, CertificateIssued, Holder
from services.certificates.rules import certificates as rules
from services.certificates.seal import Seal


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """What is known of a certificate before it has an identifier; everything in it has passed the rules."""

    id: UUID
    serial: str
    number: str
    version: int
    holder: rules.HolderParty
    holder_subject: UUID | None
    issuer: rules.IssuerParty
    region_code: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    elements: dict[str, Any]
    application_id: UUID | None = None
    case_id: UUID | None = None


async def enter_certificate(new: NewCertificate, type_row: RowMapping, tx: WriteTx, seal: Seal) -> str | None:
    """The certificate's identifier; None when the library has it already. Raises InvalidCertificateId."""
    content = _content(new, type_row)
    sealed = seal.apply(new.id, content)
    shown = rules.shown_number(new.number, new.holder)
    holder_index = seal.keys.blind_index(rules.INDEX_KINDS[new.holder.kind], new.holder.code)
    is_new = await store.insert_certificate(
        tx,
        {
            "id": new.id,
            "identifier": content.identifier,
            "type_code": content.type.code,
            "type_version": content.type.version,
            "number": shown,
            "number_index": seal.keys.blind_index("certificate-number", new.number),
            "version": new.version,
            "holder_kind": new.holder.kind,
            "holder_name": new.holder.name,
            "holder_index": holder_index,
            "holder_subject": new.holder_subject,
            "issuer_code": new.issuer.code,
            "issuer_name": new.issuer.name,
            "region_code": new.region_code,
            "issued_on": new.issued_on,
            "valid_from": new.valid_from,
            "valid_until": new.valid_until,
            "application_id": new.application_id,
            "case_id": new.case_id,
            "signed_sealed": sealed.signed_sealed,
            "key_id": sealed.key_id,
        },
    )
    if not is_new:
        return None
    tx.emit(
        CertificateIssued(
            certificate_id=new.id,
            identifier=content.identifier,
            number=shown,
            type_code=content.type.code,
            type_name=content.type.name,
            authority=Authority(code=new.issuer.code, name=new.issuer.name),
            holder=Holder(
                subject=new.holder_subject,
                kind=new.holder.kind,
                name=new.holder.name,
                holder_index=holder_index,
                code_masked=rules.masked_code(new.holder.kind, new.holder.code),
            ),
            application_id=new.application_id,
            case_id=new.case_id,
            valid_from=new.valid_from,
            valid_until=new.valid_until,
            issued_at=tx.now,
        )
    )
    return content.identifier


def _content(new: NewCertificate, type_row: RowMapping) -> rules.CertificateContent:
    return rules.CertificateContent(
        identifier=rules.identifier_for(type_code=type_row["code"], issuer_code=new.issuer.code, serial=new.serial, version=new.version),
        type=rules.TypeName(code=type_row["code"], version=type_row["version"], name=type_row["name"], name_en=type_row["name_en"]),
        number=new.number,
        version=new.version,
        holder=new.holder,
        issuer=new.issuer,
        region_code=new.region_code,
        issued_on=new.issued_on,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        elements=new.elements,
    )
