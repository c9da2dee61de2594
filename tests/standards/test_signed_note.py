"""Signed notes against the published example of the format's first implementation, and every way to forge one."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
import pytest

from standards.merkle import EMPTY_ROOT
from standards.signed_note import (
    Checkpoint,
    InvalidNote,
    VerifierKey,
    format_checkpoint,
    parse_checkpoint,
    sign_note,
    signature_line,
    verify_note,
)

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED_NOTE = (
    PUBLISHED_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NAME = "log.tongban.example/evidence"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
VERIFIER = VerifierKey.of(NAME, KEY)
TEXT = format_checkpoint(NAME, 7, bytes(range(32)))


def refusal(note: str, *keys: VerifierKey) -> str:
    with pytest.raises(InvalidNote) as caught:
        verify_note(note, keys or (VERIFIER,))
    return caught.value.reason


def test_the_published_note_is_believed() -> None:
    key = VerifierKey.parse(PUBLISHED_KEY)
    assert key.encode() == PUBLISHED_KEY
    verified = verify_note(PUBLISHED_NOTE, [key])
    assert (verified.text, verified.signers) == (PUBLISHED_TEXT, ("PeterNeumann",))


def test_a_checkpoint_signed_here_is_believed_and_read_back() -> None:
    note = sign_note(TEXT, NAME, KEY)
    verified = verify_note(note, [VerifierKey.parse(VERIFIER.encode())])
    assert parse_checkpoint(verified.text) == Checkpoint(NAME, 7, bytes(range(32)))
    assert note.startswith(f"{NAME}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {NAME} ")


def test_a_witness_adds_a_line_and_strangers_are_passed_over() -> None:
    note = sign_note(TEXT, NAME, KEY) + signature_line(TEXT, "witness", WITNESS)
    assert verify_note(note, [VERIFIER]).signers == (NAME,)
    assert verify_note(note, [VerifierKey.of("witness", WITNESS), VERIFIER]).signers == (NAME, "witness")
    assert refusal(note, VerifierKey.of("another", WITNESS)) == "not_signed"


def test_a_signature_counts_once() -> None:
    note = sign_note(TEXT, NAME, KEY) + signature_line(TEXT, NAME, KEY)
    assert verify_note(note, [VERIFIER]).signers == (NAME,)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    other_text = format_checkpoint(NAME, 8, bytes(range(32)))
    assert refusal(sign_note(TEXT, NAME, KEY).replace("\n7\n", "\n8\n")) == "bad_signature"
    note = sign_note(TEXT, NAME, KEY) + signature_line(other_text, "witness", WITNESS)
    assert refusal(note, VERIFIER, VerifierKey.of("witness", WITNESS)) == "bad_signature"


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("", "signatures"),
        (TEXT, "signatures"),
        (TEXT + "\n", "signatures"),
        (sign_note(TEXT, NAME, KEY)[:-1], "signatures"),
        (TEXT + "\n- name AAAA\n", "signatures"),
        (TEXT + "\n— name ****\n", "signatures"),
        (TEXT + "\n— name AAB=\n", "signatures"),
        (TEXT + "\n— name AAAAAAAA\n", "not_signed"),
        (TEXT + "\n" + "— name AAAAAAAA\n" * 101, "signatures"),
        ("a\tb\n\n— name AAAAAAAA\n", "text"),
        ("\ud800\n\n— name AAAAAAAA\n", "text"),
    ],
)
def test_a_malformed_note_is_refused_by_name(note: str, reason: str) -> None:
    assert refusal(note) == reason


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000",
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY.replace("PeterNeumann", "Peter"),
        PUBLISHED_KEY.replace("PeterNeumann", "Peter Neumann"),
        PUBLISHED_KEY.replace("+ARpc", "+AhpC"),
        PUBLISHED_KEY[:-4],
        PUBLISHED_KEY + "*",
    ],
)
def test_a_malformed_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        VerifierKey.parse(vkey)
    assert caught.value.reason == "key"


@pytest.mark.parametrize("text", ["", "no newline at the end", "a\r\n", "a\x00b\n"])
def test_a_text_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(InvalidNote):
        sign_note(text, NAME, KEY)
    for name in ("", "two words", "a+b"):
        with pytest.raises(InvalidNote):
            sign_note(TEXT, name, KEY)


def test_extensions_are_kept_in_order() -> None:
    text = format_checkpoint(NAME, 0, EMPTY_ROOT, ["time 2026-10-10", "second"])
    assert parse_checkpoint(text).extensions == ("time 2026-10-10", "second")


@pytest.mark.parametrize(
    "text", ["", "\n", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\nAAAA\n", "o\n1\nAAAA\n", "o\n1\n****\n", TEXT[:-1], TEXT + "\n"]
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote) as caught:
        parse_checkpoint(text)
    assert caught.value.reason == "checkpoint"


def test_a_checkpoint_is_not_made_of_wrong_parts() -> None:
    for origin, size, octets, extensions in [
        ("", 1, EMPTY_ROOT, []),
        ("a\nb", 1, EMPTY_ROOT, []),
        ("o", -1, EMPTY_ROOT, []),
        ("o", 1, b"short", []),
        ("o", 1, EMPTY_ROOT, [""]),
    ]:
        with pytest.raises(InvalidNote):
            format_checkpoint(origin, size, octets, extensions)


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_believed_or_refused(before: str, after: str) -> None:
    for note in (before, f"{before}\n\n{after}\n", f"{before}\n\n— {NAME} {after}\n"):
        with pytest.raises(InvalidNote):
            verify_note(note, [VERIFIER])


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32), st.lists(st.from_regex(r"[a-z0-9 ]{1,20}", fullmatch=True), max_size=3))
def test_a_checkpoint_is_read_back_as_it_was_signed(size: int, octets: bytes, extensions: list[str]) -> None:
    note = sign_note(format_checkpoint(NAME, size, octets, extensions), NAME, KEY)
    assert parse_checkpoint(verify_note(note, [VERIFIER]).text) == Checkpoint(NAME, size, octets, tuple(extensions))
