"""Cursors: every row once, and nobody builds one by hand."""

import base64

import pytest

from chassis.pagination import CursorInvalid, Cursors
from tests.chassis.conftest import Make
from tests.support.service import ServiceUnderTest


async def test_pages_give_every_row_once_in_a_stable_order(toy: ServiceUnderTest, make: Make) -> None:
    for name in ("c", "a", "b", "a", "d", "a", "e"):
        await make(name)
    names: list[str] = []
    cursor: str | None = None
    sizes = []
    while True:
        page = (await toy.http.get("/things", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        names += [thing["name"] for thing in page["data"]]
        sizes.append(len(page["data"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["a", "a", "a", "b", "c", "d", "e"] and sizes == [3, 3, 1]


async def test_a_list_that_ends_with_a_full_page_has_no_further_one(toy: ServiceUnderTest, make: Make) -> None:
    await make("a")
    await make("b")
    assert (await toy.http.get("/things", params={"limit": 2})).json()["next_cursor"] is None


def _tampered(cursor: str) -> str:
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-2] ^= 1
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


SEALED = Cursors(b"secret", "things").seal(["a", 1])


@pytest.mark.parametrize(
    "cursor",
    ["", "a", "!!!!", "é", "AAAA", _tampered(SEALED), SEALED[:-4], SEALED + "AAAA", Cursors(b"other", "things").seal(["a", 1]),
     Cursors(b"secret", "other things").seal(["a", 1]), base64.urlsafe_b64encode(b'["a",1]').decode()],
)  # fmt: skip
def test_a_cursor_that_was_not_given_out_for_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        Cursors(b"secret", "things").open(cursor)


def test_a_cursor_opens_to_what_was_sealed() -> None:
    cursors = Cursors(b"secret", "things")
    assert cursors.open(SEALED) == ["a", 1] and cursors.open(None) is None
