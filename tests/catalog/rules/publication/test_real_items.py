"""The rules of publication over a real district's 1,135 items and 81 real guides: what they find was read, one by one, and is right."""

import re

import pytest

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import findings
from tests.catalog.real_catalog import needs_real_data
from tests.catalog.real_guides import check, district_items, network, real_guides

pytestmark = needs_real_data

_CATCHES_ALL = re.compile(r"其他(法定)?(材料|条件|要求|文件|情形)$")
HONEST = ("有依法经过资格认定的药师或者其他药学技术人员", "审批、核准、备案或其他立项文件", "住所（主要经营场所、经营场所）相关文件")


def test_no_real_name_is_taken_for_an_abbreviation_or_a_code_for_a_wrong_one(capsys: pytest.CaptureFixture[str]) -> None:
    checked = check(district_items())
    print("\n".join(checked.lines()))
    assert (checked.items, checked.clean, dict(checked.found)) == (1135, 1135, {})
    assert "1135 items checked" in capsys.readouterr().out


def test_what_is_found_in_real_guides_is_what_was_read_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    checked = check(real_guides())
    print("\n".join(checked.lines()))
    assert (checked.items, checked.clean) == (81, 50)
    assert dict(checked.found) == {
        "catch-all": 19,
        "needless-ask": 7,
        "statutory-limit-without-basis": 6,
        "abbreviation-unexplained": 5,
        "limit-units-differ": 1,
    }
    assert "法律、法规规定的其他要求" in capsys.readouterr().out


def _wrong(content: ItemContent) -> set[str]:
    """The texts found to be catch-alls."""
    texts = {f"/materials/{at}/name": material.name for at, material in enumerate(content.materials)}
    texts |= {f"/conditions/{at}": condition for at, condition in enumerate(content.conditions)}
    return {texts[one.pointer] for one in findings(content, network()) if one.rule == "catch-all"}


def test_every_catch_all_of_the_guides_is_found_and_honest_words_are_let_pass() -> None:
    said = passed = 0
    for content in real_guides():
        wrong = _wrong(content)
        for text in [*(material.name for material in content.materials), *content.conditions]:
            if _CATCHES_ALL.search(text):
                said += 1
                assert text in wrong
            if text in HONEST:
                passed += 1
                assert text not in wrong
    assert (said, passed) == (17, 6)
