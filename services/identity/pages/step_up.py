"""The page on which somebody raises their level, or is told that it can only be raised elsewhere."""

from collections.abc import Collection, Mapping
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from services.identity.pages.frame import HERE, escaped, framed, hidden, source
from services.identity.pages.sign_in import Visit
from services.identity.pages.texts_step_up import STEP_UP

_PAGE = Template(source("step_up.html"))
_FIELDS: Mapping[str, tuple[str, str]] = {
    "bank-channel": ("bank_card", 'inputmode="numeric" autocomplete="cc-number" maxlength="40"'),
    "face-service": ("liveness_reference", 'autocapitalize="none" autocomplete="off" spellcheck="false" maxlength="128"'),
}


def step_up_page(
    visit: Visit, carried: Mapping[str, str], *, needed: int, actual: int, ways: Collection[str], fault: str = "", status: int = 200
) -> HTMLResponse:  # fmt: skip
    """`ways` are the verifications that reach the level. One that is done here has a field, or (by name and number) needs none."""
    texts = STEP_UP[visit.language]
    by_number = "population-base" in ways
    fields = "" if by_number else "".join(_field(way, texts) for way in ways if way in _FIELDS)
    is_here = by_number or bool(fields)
    form = ""
    if is_here:
        form = (
            f'<p>{escape(texts["by_number" if by_number else "by_one_of"])}</p>\n{_form(carried, fields, "verify", texts["verify"], "")}'
        )  # fmt: skip
    content = _PAGE.substitute(
        escaped(texts),
        what=escape(texts["asks"].format(client=visit.client_name, needed=needed, actual=actual)),
        fault=f'<p class="fault" id="fault" role="alert">{escape(fault)}</p>\n' if fault else "",
        here=form,
        elsewhere=escape(texts["also_at_window"] if is_here else texts["only_at_window"]),
        as_it_is=_form(carried, "", "go-on", texts["go_on"].format(actual=actual), ' class="second"'),
    )
    title = (texts["error"] if fault else "") + texts["title"]
    return framed(content, visit.language, title=title, status=status, is_large=visit.is_large, form_goes_to=visit.form_goes_to)


def _form(carried: Mapping[str, str], fields: str, decision: str, does: str, attributes: str) -> str:
    return (
        f'<form method="post" action="{HERE}/authorize/step-up">\n{hidden(carried)}\n{fields}'
        f'<button type="submit" name="decision" value="{decision}"{attributes}>{escape(does)}</button>\n</form>\n'
    )  # fmt: skip


def _field(way: str, texts: Mapping[str, str]) -> str:
    name, attributes = _FIELDS[way]
    return (
        f'<label for="{name}">{escape(texts[name])}</label>\n'
        f'<input id="{name}" name="{name}" type="text" aria-describedby="{name}-hint" {attributes}>\n'
        f'<p class="hint" id="{name}-hint">{escape(texts[name + "_hint"])}</p>\n'
    )  # fmt: skip
