"""What may be uploaded."""

import pytest

from services.intake.rules.uploads import accepted_type, clean_name
from tests.intake.conftest import PDF, PNG


def test_the_type_is_read_from_the_content() -> None:
    assert accepted_type(PDF, "") == "application/pdf"
    assert accepted_type(PNG, "application/octet-stream") == "image/png"
    assert accepted_type(b"\xff\xd8\xff\xe0" + b"0" * 600, "image/jpeg; name=x") == "image/jpeg"


@pytest.mark.parametrize("head", [b"MZ" + b"\0" * 600, b"<svg onload=alert(1)>", b"PK\x03\x04" + b"\0" * 600, b"plain words"])
def test_what_is_not_a_scan_is_refused(head: bytes) -> None:
    assert accepted_type(head, "application/pdf") is None


def test_a_declaration_that_contradicts_the_content_is_refused() -> None:
    assert accepted_type(PNG, "application/pdf") is None


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\扫描\\平面图.pdf", "平面图.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("..", "file"),
        ("a\nb.pdf", "ab.pdf"),
    ],
)
def test_names_lose_folders_and_tricks(name: str, clean: str) -> None:
    assert clean_name(name) == clean
