"""The application form against its item's JSON Schema: every fault at once, each at its field, in both languages."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

_SAYS: dict[str, tuple[str, str]] = {
    "required": ("必填", "is required"),
    "additionalProperties": ("没有这个字段", "is not a known field"),
    "unevaluatedProperties": ("没有这个字段", "is not a known field"),
    "type": ("类型应为 {value}", "must be of type {value}"),
    "enum": ("应为下列之一：{value}", "must be one of: {value}"),
    "const": ("应为 {value}", "must be {value}"),
    "pattern": ("格式不正确，应符合 {value}", "must match {value}"),
    "format": ("不是有效的 {value}", "is not a valid {value}"),
    "minLength": ("至少 {value} 个字符", "must have at least {value} characters"),
    "maxLength": ("最多 {value} 个字符", "must have at most {value} characters"),
    "minimum": ("不小于 {value}", "must be at least {value}"),
    "maximum": ("不大于 {value}", "must be at most {value}"),
    "exclusiveMinimum": ("应大于 {value}", "must be more than {value}"),
    "exclusiveMaximum": ("应小于 {value}", "must be less than {value}"),
    "minItems": ("至少 {value} 项", "must have at least {value} entries"),
    "maxItems": ("最多 {value} 项", "must have at most {value} entries"),
    "uniqueItems": ("不能有重复项", "must not repeat an entry"),
}
_OTHERWISE = ("不符合表单要求", "does not satisfy the form")


class FormFault(NamedTuple):
    """One wrong field. `pointer` is a JSON pointer into the form; `code` the schema's keyword."""

    pointer: str
    code: str
    zh: str
    en: str


def form_faults(schema: Mapping[str, Any], form: Any) -> tuple[FormFault, ...]:
    """What is wrong with a form; empty when it is complete and right. References to other documents are never fetched."""
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = (fault for error in validator.iter_errors(form) for fault in _faults(error))
    return tuple(dict.fromkeys(sorted(found)))


def filled_in(schema: Mapping[str, Any], form: Mapping[str, Any], certificates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The form with what certificates (elements by type code) already say, where the applicant has not answered.

    A field names its source as `"x-from-certificate": {"type_code": …, "element": …}`. What does not fit the field stays open.
    """
    answered = dict(form)
    for name, field in schema.get("properties", {}).items():
        source = field.get("x-from-certificate") if isinstance(field, Mapping) else None
        if name in answered or not isinstance(source, Mapping):
            continue
        value = certificates.get(str(source.get("type_code")), {}).get(str(source.get("element")))
        if value is not None and not form_faults(field, value):
            answered[name] = value
    return answered


def still_asked(schema: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The answers to what the form still asks, where it says what it asks."""
    fields = schema.get("properties")
    return {name: value for name, value in form.items() if not isinstance(fields, Mapping) or name in fields}


def _faults(error: ValidationError) -> Iterator[FormFault]:
    code = str(error.validator)
    zh, en = _SAYS.get(code, _OTHERWISE)
    value = _readable(error.validator_value)
    for place in _places(error):
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
        yield FormFault(pointer, code, zh.format(value=value), en.format(value=value))


def _places(error: ValidationError) -> Iterator[tuple[str | int, ...]]:
    """Where the reader has to look: the missing or unknown member itself, not the object it belongs to."""
    path = tuple(error.absolute_path)
    required, schema, instance = error.validator_value, error.schema, error.instance
    if error.validator == "required" and isinstance(required, list) and isinstance(instance, Mapping):
        yield from ((*path, name) for name in required if name not in instance)
    elif error.validator == "additionalProperties" and isinstance(schema, Mapping) and isinstance(instance, Mapping):
        yield from ((*path, name) for name in instance if name not in schema.get("properties", {}))
    else:
        yield path


def _readable(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
