"""Bundles as tests make them: of small items made up, and the sample city's."""

from typing import Any
from uuid import UUID

from host import city_bodies
from host.sample_city.loading import load_city
from services.catalog.rules.bundle import BundleContent, Member
from services.catalog.rules.bundle_checks import Assembled, assemble
from services.catalog.rules.content import ItemContent
from tests.catalog.sample import AUTHORITY, item

CODES = ("A", "B", "C", "D", "E", "F")


def bundle(*items: str | dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A bundle of items, given by code or in full."""
    return {
        "name": "开店一件事",
        "name_en": "Opening a shop",
        "authority": {"code": AUTHORITY, "name": "广安区市场监督管理局"},
        "region_code": "511602000000",
        "items": [{"local_code": one} if isinstance(one, str) else one for one in items],
        **changes,
    }


def simple(**changes: Any) -> dict[str, Any]:
    """An item that asks for nothing and makes nothing, with what a test changes of it."""
    nothing: dict[str, Any] = {
        "materials": [],
        "result_type_code": None,
        "result_validity_months": None,
        "form": {"type": "object", "properties": {}},
    }
    return item(**{**nothing, **changes})


def assembled(said: dict[str, Any], **items: dict[str, Any]) -> Assembled:
    """What comes of a bundle when these items are in force."""
    content = BundleContent.model_validate(said)
    members = {
        one.local_code: Member(one, UUID(int=at + 1), 1, ItemContent.model_validate(items[one.local_code]))
        for at, one in enumerate(content.items)
        if one.local_code in items
    }
    return assemble(content, members)


def rules_of(found: Assembled) -> list[str]:
    return [finding.rule for finding in found.findings]


def sample_bundles() -> dict[str, dict[str, Any]]:
    """Every bundle of the sample city, by code."""
    city = load_city()
    return {one.key: city_bodies.bundle(city, one) for one in city.bundles}
