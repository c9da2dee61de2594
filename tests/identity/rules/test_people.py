"""Names and numbers as typed and as shown."""

import pytest

from services.identity.rules.people import Login, mask_name, mask_phone, normal_name, normal_organisation_name, parse_login


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("440524188001010014", Login("citizen-id", "440524188001010014")),
        (" 11010519491231002x ", Login("citizen-id", "11010519491231002X")),
        ("１３９００００１２３４", Login("phone", "13900001234")),
        ("Wang.Li ", Login("staff", "wang.li")),
    ],
)
def test_a_login_is_recognised_as_people_type_it(typed: str, login: Login) -> None:
    assert parse_login(typed) == login


@pytest.mark.parametrize("typed", ["", "1", "12345678901", "110105194912310020", "王小明", "a b", "'; --"])
def test_what_is_no_login_is_none(typed: str) -> None:
    assert parse_login(typed) is None


def test_masks_keep_what_their_owner_recognises() -> None:
    assert mask_name("王小明") == "王**"
    assert mask_name("李") == "李"
    assert mask_phone("13900001234") == "139****1234"


def test_a_name_is_compared_in_one_form() -> None:
    assert normal_name("  Ｊｏｈｎ   Smith ") == "John Smith"
    assert normal_name("买买提·艾力") == "买买提·艾力"


def test_an_organisations_name_keeps_the_brackets_of_the_register() -> None:
    assert normal_organisation_name("广安谷雨酒店（ 集团）有限公司") == "广安谷雨酒店（ 集团）有限公司"
    assert normal_organisation_name(" 春分面馆(测试) ") == "春分面馆（测试）"
    assert normal_organisation_name("ＡＢＣ（中国）有限公司") == "ABC（中国）有限公司"
