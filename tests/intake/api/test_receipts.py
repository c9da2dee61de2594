"""Receipts, their proof, and public tracking."""

import base64
import hashlib
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
import pytest

from chassis.evidence import InclusionProof, Leaf, ProofRejected, check_proof, digest
from standards import merkle, signed_note
from tests.intake.conftest import Hall
from tests.support.peers import answer


async def test_a_receipt_is_for_its_applicant_and_the_window(hall: Hall) -> None:
    citizen = hall.citizen()
    _, receipt = await hall.accepted(citizen)
    path = f"/receipts/{receipt['number']}"
    assert (await citizen.get(path)).json() == receipt
    assert (await hall.clerk().get(path)).json() == receipt
    assert (await hall.clerk("511700000000").get(path)).status_code == 404
    assert (await hall.citizen().get(path)).status_code == 404
    assert (await hall.clerk(posts=("reviewer",)).get(path)).status_code == 403
    assert (await hall.service.http.get(path)).status_code == 401
    assert (await citizen.get("/receipts/SL0")).status_code == 422


async def test_the_applicant_finds_the_receipt_on_the_application(hall: Hall) -> None:
    citizen = hall.citizen()
    application, receipt = await hall.accepted(citizen)
    assert (await citizen.get(f"/applications/{application['id']}")).json()["receipt"] == receipt


async def test_the_qr_code_is_a_picture_that_scales(hall: Hall) -> None:
    citizen = hall.citizen()
    _, receipt = await hall.accepted(citizen)
    answered = await citizen.get(f"/receipts/{receipt['number']}/qr")
    assert answered.headers["content-type"] == "image/svg+xml"
    assert answered.text.startswith("<svg")
    assert receipt["number"] in answered.text
    assert (await hall.citizen().get(f"/receipts/{receipt['number']}/qr")).status_code == 404


async def test_a_proof_that_is_not_there_yet_is_said_to_be_on_its_way(hall: Hall) -> None:
    citizen = hall.citizen()
    _, receipt = await hall.accepted(citizen)
    hall.service.peers.on("POST", "identity", "/token", {"access_token": "x", "expires_in": 900})
    answered = await citizen.get(f"/receipts/{receipt['number']}/proof")
    assert answered.status_code == 404
    assert answered.json()["type"].endswith("proof-not-ready")
    hall.service.peers.take_down("exchange")
    assert (await citizen.get(f"/receipts/{receipt['number']}/proof")).status_code == 503


async def test_the_proof_convinces_anyone_offline_and_only_of_what_was_accepted(hall: Hall) -> None:
    citizen = hall.citizen()
    _, receipt = await hall.accepted(citizen)
    key = Ed25519PrivateKey.generate()
    salt = hashlib.sha256(b"salt").digest()

    def prove(request: Any) -> Any:
        return answer(_proof(UUID(request.path.rsplit("/", 1)[1]), body, salt, key).model_dump())

    hall.service.peers.on("POST", "identity", "/token", {"access_token": "x", "expires_in": 900})
    hall.service.peers.on("GET", "exchange", "/evidence/proofs/[0-9a-f-]+", prove)
    (body,) = await _outbox_payloads(hall, "%accepted.v1")
    answered = (await citizen.get(f"/receipts/{receipt['number']}/proof")).json()
    proof = InclusionProof.model_validate(answered["proof"])
    verifier_key = signed_note.VerifierKey.of("test/evidence", key).encode()
    leaf = check_proof(proof, verifier_key=verifier_key, body=answered["event_body"].encode())
    assert leaf.event_id == answered["event_id"]
    with pytest.raises(ProofRejected):
        check_proof(proof, verifier_key=verifier_key, body=answered["event_body"].replace("2026-09-21", "2026-09-01").encode())


async def _outbox_payloads(hall: Hall, like: str) -> list[bytes]:
    from sqlalchemy import text

    async with hall.service.runtime.db.read() as tx:
        return [row["payload"] for row in await tx.all(text("SELECT payload FROM outbox WHERE type LIKE :like"), {"like": like})]


def _proof(event_id: UUID, body: bytes, salt: bytes, key: Ed25519PrivateKey) -> InclusionProof:
    """A log of one entry."""
    leaf = Leaf(str(event_id), "t", "2026", "2026", digest(body, salt)).text()
    note = signed_note.sign_note(signed_note.format_checkpoint("test/evidence", 1, merkle.leaf_hash(leaf.encode())), "test/evidence", key)
    return InclusionProof(event_id=str(event_id), leaf=leaf, leaf_index=0, tree_size=1, proof=[], checkpoint=note, salt=salt.hex())


async def test_tracking_tells_how_far_it_is_and_nothing_about_whose_it_is(hall: Hall) -> None:
    await hall.load_calendar()
    citizen = hall.citizen("欧阳某某")
    application, receipt = await hall.accepted(citizen)
    tracked = await hall.service.http.get(f"/tracking/{receipt['tracking_code']}")
    assert tracked.status_code == 200, tracked.text
    shown = tracked.json()
    assert (shown["state"], shown["light"], shown["working_days_left"]) == ("accepted", "green", 10)
    assert [step["step"] for step in shown["steps"]] == ["submitted", "accepted"]
    assert shown["due_on"] == "2026-10-12"
    for personal in ("欧阳", "1234", "13900001234", citizen.claims["holder_index"], str(citizen.subject), application["id"]):
        assert personal not in tracked.text


async def test_a_guessed_tracking_code_opens_nothing(hall: Hall) -> None:
    await hall.accepted(hall.citizen())
    assert (await hall.service.http.get("/tracking/" + base64.b32encode(b"0" * 10).decode())).status_code == 404
    assert (await hall.service.http.get("/tracking/short")).status_code == 422
