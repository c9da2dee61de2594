"""The key ring: ciphertexts bound to their place, retired keys that still read, indexes and seeds that survive a rotation."""

import base64

import pytest

from chassis.crypto import CannotDecrypt, KeyRing, new_master_key

OLD, NEW = new_master_key(), new_master_key()


def test_what_is_encrypted_is_read_back_only_in_its_place() -> None:
    keys = KeyRing(OLD, service="toy")
    sealed = keys.encrypt("110101199003077715 张三", context="people.code:1")
    assert keys.decrypt(sealed, context="people.code:1") == "110101199003077715 张三"
    assert "110101" not in sealed
    with pytest.raises(CannotDecrypt):
        keys.decrypt(sealed, context="people.code:2")


def test_equal_texts_have_unequal_ciphertexts() -> None:
    keys = KeyRing(OLD, service="toy")
    assert keys.encrypt("a", context="c") != keys.encrypt("a", context="c")


def test_another_service_cannot_read_it_though_it_holds_the_master_key() -> None:
    with pytest.raises(CannotDecrypt):
        KeyRing(OLD, service="other").decrypt(KeyRing(OLD, service="toy").encrypt("a", context="c"), context="c")


def test_a_retired_key_still_reads_and_the_new_one_writes() -> None:
    before = KeyRing(OLD, service="toy").encrypt("a", context="c")
    rotated = KeyRing(NEW, [OLD], service="toy")
    after = rotated.encrypt("a", context="c")
    assert rotated.decrypt(before, context="c") == rotated.decrypt(after, context="c") == "a"
    assert before.split(".")[1] != after.split(".")[1]
    with pytest.raises(CannotDecrypt):
        KeyRing(NEW, service="toy").decrypt(before, context="c")
    with pytest.raises(CannotDecrypt):
        KeyRing(OLD, service="toy").decrypt(after, context="c")


def test_people_are_still_found_and_signatures_still_hold_after_a_rotation() -> None:
    before, after = KeyRing(OLD, service="identity"), KeyRing(NEW, [OLD], service="certificates")
    assert before.blind_index("citizen-id", "1") == after.blind_index("citizen-id", "1")
    assert before.seed_for("evidence-key") == after.seed_for("evidence-key")
    assert before.secret_for("client:a") != after.secret_for("client:a")


def test_blind_indexes_are_keyed_and_keep_kinds_apart() -> None:
    keys = KeyRing(OLD, service="toy")
    index = keys.blind_index("citizen-id", "1")
    assert len(index) == 32 and index == KeyRing(OLD, service="other").blind_index("citizen-id", "1")
    assert (
        len(
            {
                index,
                keys.blind_index("uscc", "1"),
                keys.blind_index("citizen-id", "2"),
                KeyRing(NEW, service="toy").blind_index("citizen-id", "1"),
            }
        )
        == 4
    )


@pytest.mark.parametrize(
    "broken", ["", "v1", "v1.a.b", "v2.{id}.{body}", "v1.{id}.!!", "v1.{id}.", "v1.{id}.AAAA", "v1.{id}.é", "v1.{id}.{body}.x"]
)
def test_a_broken_ciphertext_is_named_as_such(broken: str) -> None:
    keys = KeyRing(OLD, service="toy")
    _, key_id, body = keys.encrypt("a", context="c").split(".")
    with pytest.raises(CannotDecrypt):
        keys.decrypt(broken.format(id=key_id, body=body), context="c")


@pytest.mark.parametrize("master", ["", "short", "é", base64.urlsafe_b64encode(b"x" * 31).decode()])
def test_a_master_key_of_the_wrong_size_says_how_to_make_one(master: str) -> None:
    with pytest.raises(ValueError, match="tongban keys new"):
        KeyRing(master, service="toy")
