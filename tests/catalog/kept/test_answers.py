"""What is kept is given only while it is certainly right."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.catalog.kept.answers import LARGEST_BYTES, Answer, KeptAnswers, Terms
from tests.support.clock import ManualClock

NOON = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Machine:
    """Seconds since the machine started, as a test sets them."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def _answer(code: str = "food", *, since: datetime = NOON, until: datetime | None = None, body: bytes = b"{}") -> Answer:
    return Answer(Terms(code, since, until), ((b"etag", b'"1"'),), body, b'"1"', None)


def _key(name: str) -> tuple[str, bytes, str]:
    return f"/items/{name}", b"", "zh"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def kept(clock: ManualClock, machine: Machine) -> KeptAnswers:
    answers = KeptAnswers(clock.now, most_bytes=10_000, monotonic=machine)
    answers.hears_until(machine.seconds + 3)
    return answers


def test_an_answer_is_right_until_the_microsecond_before_the_next_version(kept: KeptAnswers, clock: ManualClock) -> None:
    midnight = NOON + timedelta(hours=12)
    kept.keep(_key("food"), _answer(until=midnight), epoch=kept.epoch)
    clock.set(midnight - MICROSECOND)
    assert kept.find(_key("food")) is not None
    clock.set(midnight)
    assert kept.find(_key("food")) is None and len(kept) == 0


def test_a_clock_that_is_set_back_finds_nothing_made_later(kept: KeptAnswers, clock: ManualClock) -> None:
    kept.keep(_key("food"), _answer(), epoch=kept.epoch)
    clock.set(NOON - MICROSECOND)
    assert kept.find(_key("food")) is None


def test_nothing_is_kept_that_was_begun_before_something_was_published(kept: KeptAnswers) -> None:
    begun = kept.epoch
    kept.forget("another-item")
    kept.keep(_key("food"), _answer(), epoch=begun)
    assert len(kept) == 0


def test_a_publication_forgets_everything_about_its_item_and_nothing_else(kept: KeptAnswers) -> None:
    for name, code in (("food", "food"), ("food/guide", "food"), ("clinic", "clinic")):
        kept.keep(_key(name), _answer(code), epoch=kept.epoch)
    kept.forget("food")
    assert [kept.find(_key(name)) is not None for name in ("food", "food/guide", "clinic")] == [False, False, True]


def test_who_cannot_hear_trusts_nothing_and_has_nothing_when_hearing_again(kept: KeptAnswers, machine: Machine) -> None:
    kept.keep(_key("food"), _answer(), epoch=kept.epoch)
    kept.is_deaf()
    kept.keep(_key("clinic"), _answer("clinic"), epoch=kept.epoch)
    assert not kept.is_hearing and len(kept) == 0
    kept.hears_until(machine.seconds + 3)
    assert kept.find(_key("food")) is None


def test_a_connection_that_fell_silent_is_trusted_for_three_seconds_and_not_longer(kept: KeptAnswers, machine: Machine) -> None:
    kept.keep(_key("food"), _answer(), epoch=kept.epoch)
    machine.seconds += 2.999
    assert kept.find(_key("food")) is not None
    machine.seconds += 0.001
    assert kept.find(_key("food")) is None


def test_the_least_recently_given_goes_when_there_is_no_more_room(kept: KeptAnswers) -> None:
    for name in ("a", "b", "c", "d"):
        kept.keep(_key(name), _answer(name, body=b"x" * 1000), epoch=kept.epoch)
    assert kept.find(_key("a")) is not None
    for name in ("e", "f"):
        kept.keep(_key(name), _answer(name, body=b"x" * 1000), epoch=kept.epoch)
    assert [name for name in "abcdef" if kept.find(_key(name))] == ["a", "c", "d", "e", "f"]


def test_what_is_too_large_is_not_kept(clock: ManualClock, machine: Machine) -> None:
    roomy = KeptAnswers(clock.now, monotonic=machine)
    roomy.hears_until(machine.seconds + 3)
    roomy.keep(_key("food"), _answer(body=b"x" * LARGEST_BYTES), epoch=roomy.epoch)
    assert len(roomy) == 0


@given(
    steps=st.lists(st.tuples(st.sampled_from(["keep", "forget", "publish_during", "deaf", "hear"]), st.sampled_from("abc")), max_size=60)
)
def test_an_answer_found_is_always_the_newest_published(steps: list[tuple[str, str]]) -> None:
    """Against a model: what was published of each item, in order."""
    clock, machine = ManualClock(NOON), Machine()
    kept, published = KeptAnswers(clock.now, most_bytes=4_000, monotonic=machine), dict.fromkeys("abc", 0)
    for step, code in steps:
        if step == "keep":
            kept.keep(_key(code), _answer(code, body=str(published[code]).encode()), epoch=kept.epoch)
        elif step == "publish_during":
            begun, read = kept.epoch, published[code]
            published[code] += 1
            kept.forget(code)
            kept.keep(_key(code), _answer(code, body=str(read).encode()), epoch=begun)
        elif step == "forget":
            published[code] += 1
            kept.forget(code)
        elif step == "deaf":
            published[code] += 1
            kept.is_deaf()
        else:
            kept.hears_until(machine.seconds + 3)
        for name, count in published.items():
            found = kept.find(_key(name))
            assert found is None or found.body == str(count).encode()
