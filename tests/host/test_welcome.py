"""What `tongban up` says."""

from pathlib import Path

from host.city_bodies import SAMPLE_PASSWORD
from host.environment import Environment
from host.sample_city import load_city
from host.welcome import welcome


def _environment(tmp_path: Path) -> Environment:
    return Environment(var=tmp_path, port=8000, database_url="postgresql://127.0.0.1", master_key="")


def test_the_welcome_says_where_things_are_who_can_sign_in_and_what_next(tmp_path: Path) -> None:
    text = welcome(_environment(tmp_path), (), seconds=2.34)
    for expected in ("http://127.0.0.1:8000/docs", "2.3", SAMPLE_PASSWORD, "window-1", "make demo", str(tmp_path)):
        assert expected in text
    *registered, new = load_city().citizens
    assert all(citizen.phone in text for citizen in registered)
    assert new.phone not in text, "the last citizen is signed up by the demonstration"
    assert not any(citizen.citizen_id in text for citizen in load_city().citizens)
    assert max(len(line) for line in text.splitlines()) <= 110


def test_a_subset_is_told_its_own_addresses_and_offered_no_demo(tmp_path: Path) -> None:
    text = welcome(_environment(tmp_path), ("catalog", "intake"), seconds=1)
    assert "http://127.0.0.1:8102" in text
    assert "http://127.0.0.1:8104" in text
    assert "make demo" not in text
