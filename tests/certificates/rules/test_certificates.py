from datetime import date
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
import pytest

from services.certificates.rules import certificates as rules
from standards.certificate_id import parse
from standards.errors import StandardViolation
from tests.certificates.sample import CITIZEN_ID, FOOD_PERMIT, ISSUER, NOODLE_SHOP

PERSON = rules.HolderParty(kind="person", name="张小满", code=CITIZEN_ID)
SHOP = rules.HolderParty(kind="organisation", name="春分面馆", code=NOODLE_SHOP)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 10, 12), 60, date(2031, 10, 11)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 14)),
    ],
)
def test_a_certificate_is_valid_through_the_day_before_its_anniversary(first: date, months: int, last: date) -> None:
    assert rules.last_valid_day(first, months) == last


def test_without_months_a_certificate_does_not_run_out() -> None:
    assert rules.last_valid_day(date(2026, 10, 12), None) is None
    assert rules.status_on(date(2999, 1, 1), valid_from=date(2026, 10, 12), valid_until=None) == "valid"


@given(first=st.dates(date(1990, 1, 1), date(2100, 1, 1)), months=st.integers(1, 1200))
def test_both_its_first_and_its_last_day_are_valid_and_the_days_outside_are_not(first: date, months: int) -> None:
    last = rules.last_valid_day(first, months)
    assert last is not None and last >= first

    def status(day: date) -> rules.Status:
        return rules.status_on(day, valid_from=first, valid_until=last)

    assert status(first) == status(last) == "valid"
    assert status(date.fromordinal(first.toordinal() - 1)) == "not_yet_valid"
    assert status(date.fromordinal(last.toordinal() + 1)) == "expired"


@given(certificate_id=st.uuids())
def test_every_identifier_made_here_passes_the_standard(certificate_id: UUID) -> None:
    identifier = rules.identifier_for(type_code=FOOD_PERMIT, issuer_code=ISSUER["code"], serial=rules.serial_for(certificate_id), version=1)
    assert parse(identifier).defining_authority == FOOD_PERMIT[:18]


def test_serials_of_neighbouring_ids_have_nothing_in_common() -> None:
    one = uuid4()
    two = UUID(int=one.int + 1)
    assert rules.serial_for(one) == rules.serial_for(one)
    assert rules.serial_for(one)[:6] != rules.serial_for(two)[:6]


def test_an_identity_cards_number_is_masked_where_others_may_read_it() -> None:
    assert rules.shown_number(CITIZEN_ID, PERSON) == "5116**********001X"
    assert rules.shown_number(CITIZEN_ID.lower(), PERSON) == "5116**********001x"
    assert rules.shown_number(f"川疾{CITIZEN_ID}B1", PERSON).count("*") > 8
    assert rules.shown_number(NOODLE_SHOP, SHOP) == NOODLE_SHOP
    assert rules.shown_number("JY5116022026000001", PERSON) == "JY5116022026000001"


def test_only_a_persons_family_name_is_public() -> None:
    assert rules.masked_name("person", "张小满") == "张**"
    assert rules.masked_name("organisation", "春分面馆") == "春分面馆"


def test_a_holders_code_is_checked_by_kind() -> None:
    assert rules.parse_holder_code("person", " 51160219850520001x ") == CITIZEN_ID
    with pytest.raises(StandardViolation):
        rules.parse_holder_code("organisation", CITIZEN_ID)


def test_a_number_has_prefix_county_year_and_sequence() -> None:
    assert rules.next_number(prefix="JY", region_code="511602000000", year=2026, sequence=7) == "JY5116022026000007"


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_its_elements() -> None:
    def content(elements: dict[str, str]) -> bytes:
        return rules.CertificateContent(
            identifier="1.2",
            type=rules.TypeName(code=FOOD_PERMIT, version=1, name="证", name_en="C"),
            number="1",
            version=1,
            holder=SHOP,
            issuer=rules.IssuerParty(**ISSUER),
            region_code="511602",
            issued_on=date(2026, 10, 12),
            valid_from=date(2026, 10, 12),
            valid_until=None,
            elements=elements,
        ).canonical()

    assert content({"a": "甲", "b": "乙"}) == content({"b": "乙", "a": "甲"})
    assert "甲".encode() in content({"a": "甲"})
