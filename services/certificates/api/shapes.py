"""Shapes several resources of the library share."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import RowMapping

from chassis.schema import View
from services.certificates.rules.certificates import HolderKind, Status, status_on

TypeCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{21}$", description="Defining authority's USCC (18) and three of its own.")]
TypeCodeInPath = Annotated[str, Path(pattern=r"^[0-9A-Z]{21}$")]


class IssuerView(View):
    """The issuing department; `code` is its USCC."""

    code: str
    name: str


class CertificateLine(View):
    """One certificate in a list. The number of an identity card is masked."""

    id: UUID
    identifier: str
    type_code: str
    type_name: str
    number: str
    holder_kind: HolderKind
    holder_name: str
    issuer: IssuerView
    issued_on: date
    valid_from: date
    valid_until: date | None
    status: Status


def line_values(row: RowMapping, today: date) -> dict[str, Any]:
    """The members of a `CertificateLine`, for it and for what extends it."""
    return {
        **{name: row[name] for name in CertificateLine.model_fields if name not in ("issuer", "status")},
        "issuer": IssuerView(code=row["issuer_code"], name=row["issuer_name"]),
        "status": status_on(today, valid_from=row["valid_from"], valid_until=row["valid_until"]),
    }
