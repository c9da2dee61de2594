"""The page that asks: one question at a time, each an address of its own, so that it works without scripts and goes back as browsers do."""

from html import escape
from string import Template

from starlette.responses import HTMLResponse

from services.catalog.pages.drawing import TAGS, Drawing
from services.catalog.pages.frame import changed, choices, framed, source
from services.catalog.pages.guide import Addresses, Edition, Look, edition_text, heading_of, said_of
from services.catalog.pages.texts import TEXTS
from services.catalog.rules.content import ItemContent, SituationQuestion
from services.catalog.rules.guide.parts import Language
from services.catalog.rules.guide.teller import Teller
from services.catalog.rules.narrowing import Answers

_QUESTIONS = Template(source("questions.html"))


def question_page(
    item: ItemContent, question: SituationQuestion, answers: Answers, edition: Edition, where: Addresses, look: Look, *, is_anew: bool
) -> HTMLResponse:
    """Asks the next question. `is_anew`: the answers given were to another version's questions and are dropped."""
    texts, language = TEXTS[look.language], look.language
    drawing, teller = Drawing(language, level=2), Teller(language)
    name, authority = heading_of(item, language)
    asked = teller.of(question.text)
    carried = [(key, value) for key, value in where.query if key != "answer"]
    anew = f'<p class="weighty">{escape(texts["asked_anew"])}</p>\n' if is_anew else ""
    content = _QUESTIONS.substitute(
        tag=TAGS[language],
        kind=escape(texts["notice"]),
        name=escape(name.text),
        name_lang=drawing.language_of(name),
        authority=escape(authority.text),
        authority_lang=drawing.language_of(authority),
        edition=escape(edition_text(edition, language)),
        said=said_of(edition, language) + anew,
        heading=escape(texts["questions_heading"]),
        what=escape(texts["questions_what"]),
        answered=_answered(item, answers, where, drawing, language),
        action=escape(where.path),
        hidden="\n".join(_hidden(key, value) for key, value in [*carried, *(("answer", one) for one in as_query(answers))]),
        question=escape(asked.text),
        question_lang=drawing.language_of(asked),
        choose=escape(texts["choose_one" if question.kind == "single" else "choose_some"]),
        choices="\n".join(_choices(question, drawing, teller)),
        next=escape(texts["next"]),
        guide=escape(where.other),
        to_guide=escape(texts["to_guide"]),
    )
    links = choices(where.path, list(where.query), language, is_large=look.is_large, pdf=None)
    return framed(content, language, title=f"{name.text} · {texts['notice']}", is_large=look.is_large, choices=links)


def as_query(answers: Answers) -> list[str]:
    """Answers as an address carries them."""
    return [f"{key}:{choice}" for key, chosen in answers.items() for choice in chosen]


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _choices(question: SituationQuestion, drawing: Drawing, teller: Teller) -> list[str]:
    is_single = question.kind == "single"
    drawn = []
    for choice in question.choices:
        hint = f'<span class="line hint">{drawing.inline(teller.of(choice.hint))}</span>' if choice.hint else ""
        value = escape(f"{question.key}:{choice.key}")
        field = f'<input type="{"radio" if is_single else "checkbox"}" name="answer" value="{value}"{" required" if is_single else ""}>'
        drawn.append(f'<label class="choice">{field}<span>{drawing.inline(teller.of(choice.label))}{hint}</span></label>')
    return drawn


def _answered(item: ItemContent, answers: Answers, where: Addresses, drawing: Drawing, language: Language) -> str:
    """What was answered so far, each with the way back to it."""
    if not answers or item.situation_table is None:
        return ""
    texts, teller = TEXTS[language], Teller(language)
    carried = [(key, value) for key, value in where.query if key != "answer"]
    rows, before = [], list[tuple[str, str]]()
    for question in item.situation_table.questions:
        chosen = answers.get(question.key)
        if not chosen:
            continue
        asked = teller.of(question.text)
        said = teller.separator.join(teller.of(one.label).text for one in question.choices if one.key in chosen)
        back = escape(changed(where.path, [*carried, *before]))
        label = escape(texts["change"].format(question=asked.text))
        link = f'<a class="change" href="{back}" aria-label="{label}">{escape(texts["change_short"])}</a>'
        rows.append(f"<div><dt>{drawing.inline(asked)}</dt><dd>{escape(said)} {link}</dd></div>")
        before += [("answer", f"{question.key}:{one}") for one in chosen]
    return f"<h3>{escape(texts['answered'])}</h3>\n<dl>\n" + "\n".join(rows) + "\n</dl>\n"
