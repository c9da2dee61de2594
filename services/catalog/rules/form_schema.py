"""A form is a JSON Schema 2020-12 that stands alone: an object, valid by the metaschema, referring only into itself and in no circle.

Others evaluate it against what citizens send, so whatever could not be evaluated (a reference to nowhere, one without end,
a pattern no engine takes) is refused here, where somebody can correct it.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
import math
from typing import Any

from jsonschema import Draft202012Validator

_METASCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
_MOST_FAULTS = 20
_MOST_STEPS = 1_000
_NOWHERE = object()

Path = tuple[str | int, ...]


def form_faults(form: dict[str, Any]) -> list[tuple[str, str]]:
    """(JSON pointer within the form, what is wrong in English) for each fault; empty for a good form."""
    try:
        faults = [(pointer(error.absolute_path), error.message[:300]) for error in islice(_METASCHEMA.iter_errors(form), _MOST_FAULTS)]
    except (RecursionError, OverflowError):
        faults = [("", "a pattern is beyond what can be matched")]
    if form.get("type") != "object":
        faults.append(("/type", 'a form is an object: its type is "object"'))
    known: dict[str, float] = {}
    for path, reference in islice(_references(form, ()), _MOST_FAULTS):
        if _target(form, reference) is _NOWHERE:
            faults.append((pointer(path), "a reference points into the form itself: #/$defs/…"))
        elif _steps(form, reference, known) > _MOST_STEPS:
            faults.append((pointer(path), "references run in a circle, or multiply beyond what can be evaluated"))
    return faults


def form_fields(form: dict[str, Any]) -> set[str]:
    """The names of the form's top-level fields."""
    properties = form.get("properties")
    return set(properties) if isinstance(properties, dict) else set()


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901) from a path of names and positions."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _references(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            if name in ("$ref", "$dynamicRef") and isinstance(child, str):
                yield (*path, name), child
            else:
                yield from _references(child, (*path, name))
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from _references(child, (*path, at))


def _target(form: dict[str, Any], reference: str) -> Any:
    """What a reference by JSON pointer points at; `_NOWHERE` for any other, and where nothing is."""
    if not reference.startswith("#/"):
        return _NOWHERE
    found: Any = form
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or name not in found:
            return _NOWHERE
        found = found[name]
    return found


def _steps(form: dict[str, Any], reference: str, known: dict[str, float]) -> float:
    """How many references are followed to evaluate a target: infinite in a circle. `known` keeps answers, so each is counted once."""
    if reference not in known:
        known[reference] = math.inf  # while on the way; meeting it again is the circle
        known[reference] = 1 + sum(_steps(form, inner, known) for _, inner in _references(_target(form, reference), ()))
    return known[reference]
