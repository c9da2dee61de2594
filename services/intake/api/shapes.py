"""Shapes several resources of intake share."""

from datetime import date, datetime
import math
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Request
import orjson
from pydantic import AfterValidator, Field
from sqlalchemy import RowMapping

from chassis.runtime import Runtime
from chassis.schema import View
from services.intake.rules.application import Applicant, Application, Receipt
from services.intake.rules.item import Item
from services.intake.rules.lifecycle import State
from services.intake.rules.materials import Material, Standing
from services.intake.sealing import open_form

_MOST_BYTES = 65_536
_DEEPEST = 12
_LARGEST_INTEGER = 2**53 - 1


async def _running(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


Running = Annotated[Runtime, Depends(_running)]
"""The runtime: its keys, cursors, files and peers."""


def _keepable(document: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON can say and no event or database can carry. Raises ValueError."""
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError(f"嵌套不超过 {_DEEPEST} 层|must be nested at most {_DEEPEST} deep")
    if len(orjson.dumps(document)) > _MOST_BYTES:
        raise ValueError("内容不超过 64 KiB|must be at most 64 KiB")
    return document


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    if (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, int) and abs(value) > _LARGEST_INTEGER):
        raise ValueError("数字超出可保存的范围|has a number that is too large to keep")
    return []


Answers = Annotated[dict[str, Any], AfterValidator(_keepable)]
"""What an applicant filled in: any JSON object up to 64 KiB; the item's form says what it must be."""

RegionCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{11}$", description="A region's code, 12 digits.")]
ItemCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$", description="The item's local code in the catalog.")]
MaterialKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=64)]
ReceiptNumber = Annotated[str, Path(pattern=r"^SL[0-9]{21}$")]


class AuthorityView(View):
    """The department that decides; `code` is its USCC."""

    code: str
    name: str


class ItemView(View):
    """The item in the version the application began with."""

    local_code: str
    version_id: UUID
    name: str
    name_en: str | None
    authority: AuthorityView


class PersonView(View):
    """Somebody who acts for the applicant, or for the state."""

    subject: UUID
    name: str


class ApplicantView(View):
    """Whom the matter is for; the number only as its mask."""

    kind: Literal["person", "organisation"]
    name: str
    code_masked: str


class FromLibrary(View):
    """The certificate that fills a material, and the record of its use."""

    certificate_id: UUID
    identifier: str
    name: str
    holder_name: str
    grade: str
    use_id: UUID


class FileView(View):
    id: UUID
    name: str
    content_type: str
    size_bytes: int


class MaterialView(View):
    """A material and where it stands: `asked` and `pending_library` are open, the others settled."""

    key: str
    name: str
    name_en: str | None
    source: str
    necessity: str
    needed_when: str | None
    standing: Standing
    certificate: FromLibrary | None
    file: FileView | None


class ReceiptView(View):
    """What the applicant takes home. `tracking_url` opens the public tracking; it is also the QR code's content."""

    number: str
    application_id: UUID
    application_number: str
    item_name: str
    authority: AuthorityView
    tracking_code: str
    tracking_url: str
    accepted_at: datetime
    due_on: date
    due_is_provisional: bool
    statutory_due_on: date | None


class RefusalView(View):
    reasons: str
    remedies: str


class OutcomeView(View):
    outcome: Literal["granted", "refused"]
    decided_on: date
    is_on_time: bool
    reasons: str | None
    remedies: str | None


class CertificateView(View):
    certificate_id: UUID
    identifier: str


class TimesView(View):
    created_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    refused_at: datetime | None
    withdrawn_at: datetime | None
    concluded_at: datetime | None
    delivered_at: datetime | None


class ApplicationView(View):
    """An application, whole. `version` is also its ETag."""

    id: UUID
    version: int
    state: State
    number: str | None
    item: ItemView
    region_code: str
    applicant: ApplicantView
    handler: PersonView | None
    form: dict[str, Any]
    situation: dict[str, Any]
    materials: list[MaterialView]
    times: TimesView
    refusal: RefusalView | None
    receipt: ReceiptView | None
    outcome: OutcomeView | None
    certificate: CertificateView | None


class ApplicationLine(View):
    """An application in a list."""

    id: UUID
    version: int
    state: State
    number: str | None
    item_code: str
    item_name: str
    region_code: str
    applicant: ApplicantView
    created_at: datetime
    submitted_at: datetime | None


def application_view(
    application: Application, materials: tuple[Material, ...], receipt: Receipt | None, runtime: Runtime
) -> ApplicationView:
    """What the applicant and the window see."""
    return ApplicationView(
        id=application.id,
        version=application.version,
        state=application.state,
        number=application.number,
        item=ItemView.model_validate(application.item),
        region_code=application.region_code,
        applicant=ApplicantView.model_validate(application.applicant),
        handler=PersonView.model_validate(application.handler) if application.handler else None,
        form=open_form(runtime.keys, application.id, application.form_sealed),
        situation=application.situation,
        materials=[material_view(application.item, material) for material in materials],
        times=TimesView.model_validate(application.times),
        refusal=RefusalView.model_validate(application.refusal) if application.refusal else None,
        receipt=receipt_view(application, receipt, runtime.settings.public_url) if receipt else None,
        outcome=OutcomeView.model_validate(application.outcome) if application.outcome else None,
        certificate=CertificateView.model_validate(application.certificate) if application.certificate else None,
    )


def material_view(item: Item, material: Material) -> MaterialView:
    ask = item.ask(material.key)
    assert ask is not None
    file = None
    if material.file_id is not None:
        assert material.file_name is not None and material.content_type is not None and material.size_bytes is not None
        file = FileView(id=material.file_id, name=material.file_name, content_type=material.content_type, size_bytes=material.size_bytes)
    return MaterialView(
        **ask.model_dump(include={"key", "name", "name_en", "source", "necessity", "needed_when"}),
        standing=material.standing,
        certificate=FromLibrary.model_validate(material.match) if material.match else None,
        file=file,
    )


def receipt_view(application: Application, receipt: Receipt, public_url: str) -> ReceiptView:
    assert application.number is not None
    return ReceiptView(
        number=receipt.number,
        application_id=application.id,
        application_number=application.number,
        item_name=application.item.name,
        authority=AuthorityView.model_validate(application.item.authority),
        tracking_code=receipt.tracking_code,
        tracking_url=tracking_url(public_url, receipt.tracking_code),
        accepted_at=receipt.accepted_at,
        due_on=receipt.due_on,
        due_is_provisional=receipt.due_is_provisional,
        statutory_due_on=receipt.statutory_due_on,
    )


def tracking_url(public_url: str, code: str) -> str:
    """Where anyone who holds the code follows the matter."""
    return f"{public_url.rstrip('/')}/api/intake/v1/tracking/{code}"


def line_view(row: RowMapping) -> ApplicationLine:
    return ApplicationLine(**{**row, "applicant": ApplicantView.model_validate(Applicant.model_validate(row["applicant"]))})
