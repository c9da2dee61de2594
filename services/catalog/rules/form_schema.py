"""A form is a JSON Schema 2020-12 that stands alone: an object, referring only to itself, valid by the metaschema."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

_METASCHEMA = Draft202012Validator(Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
_MOST_FAULTS = 20


def form_faults(form: dict[str, Any]) -> list[tuple[str, str]]:
    """(JSON pointer within the form, what is wrong in English) for each fault; empty for a good form."""
    faults = [(pointer(error.absolute_path), error.message[:300]) for error in islice(_METASCHEMA.iter_errors(form), _MOST_FAULTS)]
    if form.get("type") != "object":
        faults.append(("/type", 'a form is an object: its type is "object"'))
    for path, reference in _references(form, ()):
        if not reference.startswith("#"):
            faults.append((pointer(path), "a form refers only to itself: $ref begins with #"))
    return faults


def form_fields(form: dict[str, Any]) -> set[str]:
    """The names of the form's top-level fields."""
    properties = form.get("properties")
    return set(properties) if isinstance(properties, dict) else set()


def pointer(path: Any) -> str:
    """A JSON pointer (RFC 6901) from a path of names and positions."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _references(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            if name in ("$ref", "$dynamicRef") and isinstance(child, str):
                yield (*path, name), child
            else:
                yield from _references(child, (*path, name))
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield from _references(child, (*path, at))
