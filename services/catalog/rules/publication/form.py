"""The form: a schema that stands alone, laid out so that nothing required is hidden."""

from collections.abc import Iterator

from services.catalog.rules.form_schema import form_faults, form_fields
from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


@rule(
    "form-invalid",
    title=("表单是有效的 JSON Schema", "The form is a valid JSON Schema"),
    source=sources.JSON_SCHEMA,
    remedy=("按指出的位置改正表单定义", "Correct the schema where the finding points"),
)
def form_invalid(subject: Subject) -> Iterator[Fault]:
    for place, fault in form_faults(subject.item.form):
        yield (
            f"/form{place}",
            Said(f"表单不是有效的 JSON Schema 2020-12：{fault}", f"The form is not a valid JSON Schema 2020-12: {fault}"),
        )


@rule(
    "layout-field-unknown",
    title=("布局的字段在表单中", "The layout shows fields that exist"),
    source=sources.WHOLE_RECORD,
    remedy=("改正字段名，或在表单中加上字段", "Correct the name, or add the field to the form"),
)
def layout_field_unknown(subject: Subject) -> Iterator[Fault]:
    fields = form_fields(subject.item.form)
    for at, section in enumerate(subject.item.form_layout):
        for position, field in enumerate(section.fields):
            if field not in fields:
                yield f"/form_layout/{at}/fields/{position}", Said(f"表单中没有字段“{field}”", f"The form has no field “{field}”.")


@rule(
    "layout-field-repeated",
    title=("布局中字段不重复", "The layout shows a field once"),
    source=sources.WHOLE_RECORD,
    remedy=("只保留一处", "Keep one of them"),
)
def layout_field_repeated(subject: Subject) -> Iterator[Fault]:
    shown: set[str] = set()
    for at, section in enumerate(subject.item.form_layout):
        for position, field in enumerate(section.fields):
            if field in shown:
                yield f"/form_layout/{at}/fields/{position}", Said(f"字段“{field}”已经布局", f"The field “{field}” is laid out before.")
            shown.add(field)


@rule(
    "layout-field-missing",
    title=("必填字段都有布局", "Every required field is laid out"),
    source=sources.ONE_TIME_NOTICE,
    remedy=("把字段加入布局的一节，或改为非必填", "Put the field into a section, or do not require it"),
)
def layout_field_missing(subject: Subject) -> Iterator[Fault]:
    """Where there is a layout; without one, the form is shown in its own order."""
    shown = {field for section in subject.item.form_layout for field in section.fields}
    required = subject.item.form.get("required")
    for field in required if shown and isinstance(required, list) else ():
        if field not in shown:
            yield (
                "/form_layout",
                Said(f"必填字段“{field}”没有布局，办事人看不到它", f"The required field “{field}” is not laid out: nobody sees it."),
            )
