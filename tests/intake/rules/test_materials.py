"""Which materials are asked, and which are filled first."""

from uuid import uuid4

from services.intake.rules.item import Item
from services.intake.rules.materials import Match, Material, Standing, filled, first_standing, lacking, needed_types
from tests.intake.conftest import ID_CARD_TYPE, ITEM, LICENCE_TYPE

THE_ITEM = Item.model_validate(ITEM)


def _match(type_code: str) -> Match:
    return Match(
        type_code=type_code, certificate_id=uuid4(), identifier="1.2", name="证", holder_name="张三", grade="A", use_id=uuid4()
    )  # fmt: skip


def _materials() -> tuple[Material, ...]:
    return tuple(Material(key=ask.key, standing=first_standing(ask)) for ask in THE_ITEM.materials)


def test_only_what_no_one_else_can_supply_is_asked() -> None:
    assert {m.key: m.standing.value for m in _materials()} == {
        "application-form": "answered_in_form",
        "business-licence": "pending_library",
        "identity-card": "pending_library",
        "floor-plan": "asked",
        "tax-record": "shared",
        "lease": "asked",
    }


def test_a_certificate_type_is_looked_for_once() -> None:
    assert needed_types([*THE_ITEM.materials, *THE_ITEM.materials]) == (LICENCE_TYPE, ID_CARD_TYPE)


def test_what_the_library_has_is_filled_and_what_it_lacks_is_asked() -> None:
    changed = {m.key: m for m in filled(THE_ITEM, _materials(), [_match(LICENCE_TYPE)])}
    assert changed["business-licence"].standing is Standing.FILLED
    assert changed["identity-card"].standing is Standing.ASKED
    assert set(changed) == {"business-licence", "identity-card"}


def test_an_upload_is_not_overwritten_by_a_late_answer() -> None:
    uploaded = Material(key="business-licence", standing=Standing.UPLOADED, file_id=uuid4())
    assert filled(THE_ITEM, [uploaded], [_match(LICENCE_TYPE)]) == ()


def test_a_conditional_material_does_not_hold_an_application_back() -> None:
    assert [m.key for m in lacking(THE_ITEM, _materials())] == ["business-licence", "identity-card", "floor-plan"]
