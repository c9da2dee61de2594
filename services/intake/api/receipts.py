"""Receipts of acceptance: read, shown as a QR code, proven; and the public tracking that a receipt's code opens."""

from datetime import date, datetime
import io
from typing import Annotated, Any, Literal

from fastapi import Path, Response
import segno

from chassis.app import service_router
from chassis.database import ReadTx
from chassis.edge import Reads
from chassis.evidence import InclusionProof
from chassis.problems import NotFound
from chassis.schema import View
from services.intake import store
from services.intake.api.access import AnyoneTracks, CanSeeReceipt, visible_to
from services.intake.api.shapes import ReceiptNumber, ReceiptView, Running, receipt_view, tracking_url
from services.intake.queries.prove_receipt import prove_receipt
from services.intake.queries.show_tracking import show_tracking
from services.intake.rules.application import Receipt
from services.intake.rules.limits import Light

router = service_router("receipts")

_SVG = "image/svg+xml"
_QR_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "The QR code", "content": {_SVG: {"schema": {"type": "string"}}}}}


class ProofView(View):
    """The evidence of an acceptance.

    `event_body` is the exact text of the acceptance's event: HMAC-SHA256 of its UTF-8 bytes under `proof.salt` is the digest in
    `proof.leaf`, and `proof` shows that leaf to be in the log under a signed checkpoint. Nothing more than the log's public key is
    needed to check it.
    """

    receipt_number: str
    event_id: str
    event_body: str
    proof: InclusionProof


class StepView(View):
    step: Literal["submitted", "accepted", "withdrawn", "concluded", "delivered"]
    at: datetime


class TrackingView(View):
    """How far a matter is; nothing here says whose it is. `light` is null once nothing is awaited any more."""

    application_number: str
    receipt_number: str
    item_name: str
    item_name_en: str | None
    authority_name: str
    state: str
    steps: list[StepView]
    due_on: date
    due_is_provisional: bool
    light: Light | None
    working_days_left: int | None
    outcome: Literal["granted", "refused"] | None
    decided_on: date | None
    is_on_time: bool | None
    certificate_identifier: str | None


@router.get("/receipts/{number}")
async def read(number: ReceiptNumber, actor: CanSeeReceipt, tx: Reads, running: Running) -> ReceiptView:
    """A receipt, for its applicant and the window."""
    receipt = await _found(tx, number, visible_to(actor))
    application = await store.application(tx, receipt.application_id, visible_to(actor))
    if application is None:
        raise NotFound()
    return receipt_view(application, receipt, running.settings.public_url)


@router.get("/receipts/{number}/qr", response_class=Response, responses=_QR_ANSWER)
async def qr(number: ReceiptNumber, actor: CanSeeReceipt, tx: Reads, running: Running) -> Response:
    """The tracking address as a QR code, SVG, readable when a corner of the paper is smudged (error level M)."""
    receipt = await _found(tx, number, visible_to(actor))
    picture = io.BytesIO()
    code = segno.make_qr(tracking_url(running.settings.public_url, receipt.tracking_code), error="m")
    code.save(picture, kind="svg", scale=4, border=4, title=f"受理回执 {receipt.number}", xmldecl=False)
    return Response(picture.getvalue(), media_type=_SVG)


@router.get("/receipts/{number}/proof")
async def prove(number: ReceiptNumber, actor: CanSeeReceipt, running: Running) -> ProofView:
    """The inclusion proof of the acceptance; 404 `proof-not-ready` in the moments before the log has it."""
    async with running.db.read() as tx:
        receipt = await _found(tx, number, visible_to(actor))
    proof = await prove_receipt(running.evidence, receipt)
    return ProofView(receipt_number=number, event_id=str(receipt.event_id), event_body=receipt.event_body, proof=proof)


@router.get("/tracking/{code}")
async def track(code: Annotated[str, Path(min_length=16, max_length=64)], anyone: AnyoneTracks, tx: Reads) -> TrackingView:
    """How far a matter is, for whoever holds its tracking code."""
    return TrackingView.model_validate(await show_tracking(tx, code))


async def _found(tx: ReadTx, number: str, visible: store.Visibility) -> Receipt:
    receipt = await store.receipt(tx, number, visible)
    if receipt is None:
        raise NotFound()
    return receipt
