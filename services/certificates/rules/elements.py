"""The elements of a certificate type (照面要素): a flat JSON Schema, and what it says about given values.

Elements are flat on purpose: they become the lines of a printed certificate. A schema never refers outside itself. Faults name
the element and the rule, never the value, which may be personal.
"""

from collections.abc import Iterator, Mapping
import json
import math
import re
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

MAX_ELEMENTS = 100
MAX_TEXT = 4000
MAX_SCHEMA_BYTES = 60_000
FACT_NAMES = frozenset({"number", "name", "holder_name", "uscc", "citizen_id"})
"""Elements whose values the library itself knows: the certificate's number, the holder's name and code."""
FORM_FIELDS = "x-form-fields"
_EXACT_INTEGER = 2**53
_KINDS = ("string", "integer", "number", "boolean", "array")
_UNSUPPORTED = ("$ref", "$dynamicRef", "$id", "$anchor", "$defs")


class Fault(NamedTuple):
    """One thing that is wrong; `pointer` is a JSON pointer into the request's body."""

    pointer: str
    code: str
    zh: str
    en: str


def schema_faults(schema: Mapping[str, Any]) -> list[Fault]:
    """Why a schema cannot describe the elements of a certificate; empty when it can."""
    if not _is_plain_json(schema) or len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
        return [
            Fault("/elements", "schema", "模式过大或含有无法保存的数值", "the schema is too large or has numbers that cannot be stored")
        ]
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [Fault(_pointer(error.path), "schema", "不是有效的 JSON Schema 2020-12", "is not valid JSON Schema 2020-12")]
    return list(_form_faults(schema))


def _form_faults(schema: Mapping[str, Any]) -> Iterator[Fault]:
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, Mapping) or not 1 <= len(properties) <= MAX_ELEMENTS:
        yield Fault(
            "/elements",
            "schema",
            f"应为 object，含 1 到 {MAX_ELEMENTS} 个 properties",
            f"must be an object of 1 to {MAX_ELEMENTS} properties",
        )
        return
    for name, element in properties.items():
        kind = element.get("type") if isinstance(element, Mapping) else None
        if kind not in _KINDS:
            yield Fault(
                _pointer(("properties", name)), "schema", f"type 应为 {'、'.join(_KINDS)} 之一", f"type must be one of {', '.join(_KINDS)}"
            )
    for path, keyword, value in _keywords(schema):
        if keyword in _UNSUPPORTED:
            yield Fault(_pointer(path), "schema", f"不支持 {keyword}", f"{keyword} is not supported")
        if keyword == "pattern" and not _compiles(value):
            yield Fault(_pointer(path), "schema", "pattern 不是有效的正则表达式", "pattern is not a valid regular expression")


def _keywords(schema: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str, Any]]:
    """Every member below a schema that is a keyword, not the name of a property."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _keywords(item, (*path, index))
    if isinstance(schema, Mapping):
        for keyword, value in schema.items():
            if keyword in ("properties", "patternProperties") and isinstance(value, Mapping):
                for name, inner in value.items():
                    yield from _keywords(inner, (*path, keyword, name))
            elif keyword not in ("const", "enum", "default", "examples"):
                yield (*path, keyword), keyword, value
                yield from _keywords(value, (*path, keyword))


def _compiles(pattern: Any) -> bool:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        return False
    return True


def element_faults(schema: Mapping[str, Any], elements: Mapping[str, Any]) -> list[Fault]:
    """Every element that the type's schema refuses, in the order of the schema."""
    faults = [
        Fault(_pointer((name,)), "element", "应为文本、数字、是否或文本列表", "must be text, a number, a boolean or a list of texts")
        for name, value in elements.items()
        if not _is_element(value)
    ]
    if faults or len(elements) > MAX_ELEMENTS:
        return faults or [Fault("/elements", "too_long", f"最多 {MAX_ELEMENTS} 项", f"must have at most {MAX_ELEMENTS} entries")]
    errors = _validator(schema).iter_errors(dict(elements))
    return [fault for error in sorted(errors, key=lambda e: e.json_path) for fault in _faults_of(error)]


def issued_elements(schema: Mapping[str, Any], form: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The elements of a certificate issued here, in the schema's order, only those with acceptable values.

    `facts` are what the library itself knows (`FACT_NAMES`) and win; the rest comes from the application's form, from the
    field of the same name or those that the element names under `x-form-fields`.
    """
    elements: dict[str, Any] = {}
    for name, element in schema["properties"].items():
        sources = [facts] if name in facts else [{name: form[field]} for field in _form_fields(name, element) if field in form]
        for source in sources:
            if _is_element(source[name]) and _validator(element).is_valid(source[name]):
                elements[name] = source[name]
                break
    return elements


def _form_fields(name: str, element: Mapping[str, Any]) -> list[str]:
    declared = element.get(FORM_FIELDS, ())
    return [name, *declared] if isinstance(declared, list) else [name]


def missing_elements(schema: Mapping[str, Any], elements: Mapping[str, Any]) -> list[str]:
    """Required elements that are not there."""
    return [name for name in schema.get("required", ()) if name not in elements]


class Line(NamedTuple):
    """One line of a printed certificate."""

    label: str
    label_en: str
    value: Any


def lines(schema: Mapping[str, Any], elements: Mapping[str, Any]) -> list[Line]:
    """The elements in their type's order with the labels people read; what stands in the head of every certificate is left out."""
    properties = schema["properties"]
    names = [name for name in properties if name in elements] + [name for name in elements if name not in properties]
    labels = {name: properties.get(name, {}) for name in names}
    return [
        Line(str(labels[name].get("title", name)), str(labels[name].get("x-title-en", "")), elements[name])
        for name in names
        if name not in FACT_NAMES
    ]


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _is_element(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MAX_ELEMENTS and all(isinstance(item, str) and len(item) <= MAX_TEXT for item in value)
    return (isinstance(value, str) and len(value) <= MAX_TEXT) or (isinstance(value, bool | int | float) and _is_number(value))


def _is_number(value: float) -> bool:
    """Whether every JSON reader will understand the same number."""
    return abs(value) <= _EXACT_INTEGER if isinstance(value, int) else math.isfinite(value)


def _is_plain_json(value: Any, depth: int = 0) -> bool:
    if depth > 20:
        return False
    if isinstance(value, Mapping):
        return all(_is_plain_json(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return all(_is_plain_json(item, depth + 1) for item in value)
    return value is None or isinstance(value, str) or _is_number(value)


def _faults_of(error: ValidationError) -> Iterator[Fault]:
    rule: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "required":
        for name in rule:
            if name not in instance:
                yield Fault(_pointer((name,)), "missing", "必填", "is required")
        return
    texts = {
        "type": (f"类型应为 {rule}", f"must be of type {rule}"),
        "minLength": (f"至少 {rule} 个字符", f"must have at least {rule} characters"),
        "maxLength": (f"最多 {rule} 个字符", f"must have at most {rule} characters"),
        "pattern": (f"格式应为 {rule}", f"must match {rule}"),
        "format": (f"格式应为 {rule}", f"must be a {rule}"),
        "enum": (f"应为 {rule} 之一", f"must be one of {rule}"),
        "minimum": (f"不小于 {rule}", f"must be at least {rule}"),
        "maximum": (f"不大于 {rule}", f"must be at most {rule}"),
        "additionalProperties": ("含有该类型没有的要素", "has elements this type does not have"),
    }
    zh, en = texts.get(str(error.validator), (f"不符合 {error.validator}", f"does not satisfy {error.validator}"))
    yield Fault(_pointer(error.path), str(error.validator), zh, en)


def _pointer(path: Any) -> str:
    return "/elements" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
