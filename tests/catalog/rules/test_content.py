"""What a form may hold, so that every reader of JSON can keep it."""

from typing import Any

from pydantic import ValidationError
import pytest

from services.catalog.rules.content import ItemContent
from tests.catalog.sample import item


def nested(depth: int) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for _ in range(depth):
        form = {"not": form}
    return form


@pytest.mark.parametrize("form", [nested(30), {"const": 2**64}, {"const": float("inf")}, {"enum": [[float("nan")]]}])
def test_a_form_that_others_could_not_keep_is_refused(form: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        ItemContent.model_validate(item(form=form))
    assert [error["loc"] for error in refused.value.errors()] == [("form",)]


@pytest.mark.parametrize("form", [nested(20), {"const": 2**53 - 1}, {"const": True}])
def test_an_ordinary_form_is_kept(form: dict[str, Any]) -> None:
    assert ItemContent.model_validate(item(form=form)).form == form


def test_what_an_item_does_not_say_is_not_in_its_digest() -> None:
    """Versions published before a field existed keep their digest: publishing the same content again stays the same version."""
    said = ItemContent.model_validate(item()).model_dump(mode="json", exclude_defaults=True)
    assert set(said) <= set(item())
    assert all(set(material) <= {"key", "name", "source", "form", "certificate_type"} for material in said["materials"])
