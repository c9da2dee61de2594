"""Citizen ID numbers never leave in full: what goes into events is masked first, wherever in a form it was written."""

import re
from typing import Any

from standards.citizen_id import InvalidCitizenId, mask, parse_citizen_id

_CANDIDATE = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx\uff38\uff58](?![0-9A-Za-z])")


def without_citizen_ids(value: Any) -> Any:
    """The same JSON value with every valid citizen ID number masked. Credit codes of 18 digits stay: they are not personal."""
    if isinstance(value, str):
        return _CANDIDATE.sub(_masked, value)
    if isinstance(value, dict):
        return {key: without_citizen_ids(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_citizen_ids(inner) for inner in value]
    return value


def _masked(match: re.Match[str]) -> str:
    try:
        parse_citizen_id(match.group())
    except InvalidCitizenId:
        return match.group()
    return mask(match.group())
