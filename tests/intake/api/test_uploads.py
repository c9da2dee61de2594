"""Uploads: streamed, checked by content, encrypted at rest, nothing left behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.rules.uploads import MOST_BYTES
from tests.intake.conftest import PDF, PNG, Hall


def _left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_an_upload_is_attached_and_comes_back_as_it_was(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    answered = await citizen.upload(draft["id"], "floor-plan", PDF, name="布局图.pdf", declared="application/pdf")
    assert answered.status_code == 200, answered.text
    assert answered.json()["standing"] == "uploaded"
    assert answered.json()["file"]["name"] == "布局图.pdf"
    assert answered.json()["file"]["size_bytes"] == len(PDF)
    assert answered.headers["etag"] == '"2"'
    back = await citizen.get(f"/applications/{draft['id']}/materials/floor-plan/file")
    assert back.content == PDF
    assert back.headers["content-type"] == "application/pdf"
    assert "filename*=UTF-8''%E5%B8%83" in back.headers["content-disposition"]
    (stored,) = _left(hall.files)
    assert b"tongban" not in stored.read_bytes()


async def test_a_later_upload_replaces_the_earlier_one(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    await citizen.upload(draft["id"], "floor-plan", PDF)
    await citizen.upload(draft["id"], "floor-plan", PNG, name="plan.png")
    back = await citizen.get(f"/applications/{draft['id']}/materials/floor-plan/file")
    assert (back.content, back.headers["content-type"]) == (PNG, "image/png")


async def test_a_material_may_be_uploaded_while_the_library_is_away(hall: Hall) -> None:
    hall.service.peers.take_down("certificates")
    citizen = hall.citizen()
    draft = await citizen.draft()
    assert (await citizen.upload(draft["id"], "business-licence", PDF)).status_code == 200


@pytest.mark.parametrize(
    ("content", "declared", "status", "slug"),
    [
        (b"MZ" + b"\0" * 900, "application/pdf", 415, "file-type-refused"),
        (b"<html><script>", "", 415, "file-type-refused"),
        (PNG, "application/pdf", 415, "file-type-refused"),
        (b"", "", 422, "file-empty"),
    ],
)
async def test_content_that_may_not_be_uploaded_leaves_nothing(hall: Hall, content: bytes, declared: str, status: int, slug: str) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    answered = await citizen.upload(draft["id"], "floor-plan", content, declared=declared)
    assert answered.status_code == status, answered.text
    assert answered.json()["type"].endswith(slug)
    assert _left(hall.files) == []


async def _parts(count: int) -> AsyncIterator[bytes]:
    yield PDF
    for _ in range(count):
        yield b"x" * 65_536


async def test_a_file_over_the_limit_is_refused_and_leaves_nothing(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    streamed = await citizen.upload(draft["id"], "floor-plan", _parts(MOST_BYTES // 65_536 + 1))
    declared = await citizen.upload(draft["id"], "floor-plan", PDF + b"0" * MOST_BYTES)
    for answered in (streamed, declared):
        assert answered.status_code == 413, answered.text
        assert answered.json()["limit_bytes"] == MOST_BYTES
    assert _left(hall.files) == []


async def test_a_file_of_many_pieces_comes_back_whole(hall: Hall) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    answered = await citizen.upload(draft["id"], "floor-plan", _parts(40))
    assert answered.status_code == 200, answered.text
    back = await citizen.get(f"/applications/{draft['id']}/materials/floor-plan/file")
    assert back.content == b"".join([part async for part in _parts(40)])


@pytest.mark.parametrize(
    ("key", "status", "slug"),
    [
        ("business-licence", 409, "material-not-asked"),
        ("tax-record", 409, "material-not-asked"),
        ("application-form", 409, "material-not-asked"),
        ("no-such", 404, "material-unknown"),
        ("..%2f..", 404, "not-found"),
    ],
)
async def test_only_what_is_asked_may_be_uploaded(hall: Hall, key: str, status: int, slug: str) -> None:
    citizen = hall.citizen()
    draft = await citizen.draft()
    answered = await citizen.upload(draft["id"], key, PDF)
    assert answered.status_code == status, answered.text
    assert answered.json()["type"].endswith(slug)
    assert _left(hall.files) == []


async def test_after_submission_nothing_is_uploaded_any_more(hall: Hall) -> None:
    citizen = hall.citizen()
    application = await citizen.submitted()
    answered = await citizen.upload(application["id"], "floor-plan", PNG)
    assert answered.status_code == 409
    assert answered.json()["type"].endswith("step-not-allowed")


async def test_the_window_looks_at_uploads_and_every_look_is_recorded(hall: Hall) -> None:
    from sqlalchemy import text

    application = await hall.citizen().submitted()
    path = f"/window/applications/{application['id']}/materials/floor-plan/file"
    seen = await hall.clerk().get(path)
    assert seen.content == PDF
    assert (await hall.clerk("511700000000").get(path)).status_code == 404
    async with hall.service.runtime.db.read() as tx:
        reads = await tx.all(text("SELECT subject, fields, purpose FROM personal_data_reads"))
    assert [(r["subject"], r["fields"], r["purpose"]) for r in reads] == [(application["id"], ["materials/floor-plan"], "window.examine")]
