"""How an item is found: what is indexed of it, what a query asks for, and how sure a match must be.

Order of answers: the item's own name, then a whole phrase people use for it, then a phrase inside the query or the query
inside a phrase, then words: of the name before synonyms and readings, before materials, before the rest.
"""

from dataclasses import dataclass

from services.catalog.rules import words
from services.catalog.rules.content import ItemContent

_MOST_TERMS = 32


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What is indexed of an item. `phrases` begins with the name; `document` is a tsvector's text."""

    phrases: list[str]
    readings: list[str]
    document: str


@dataclass(frozen=True, slots=True)
class Query:
    """What a query asks for. `forms` are the whole query as phrases; `terms` are tsquery texts of which enough must match."""

    forms: list[str]
    terms: list[str]

    @property
    def han_forms(self) -> list[str]:
        """The forms that may also stand inside a phrase, or a phrase inside them: Latin letters stand inside too many words."""
        return [form for form in self.forms if words.is_han(form)]


def index_entry(local_code: str, item: ItemContent) -> IndexEntry:
    """The item as the index keeps it."""
    called = [item.name, *item.synonyms]
    codes = [words.normal_form(code) for code in (local_code, item.base_code, item.implementation_code) if code]
    names = [words.normal_form(name) for name in (*called, item.name_en or "")]
    spoken = [reading for phrase in called if (reading := words.readings(phrase))]
    around = [item.authority.name, item.authority.name_en or "", *(m.name for m in item.materials), *(s.zh for s in item.situations)]
    rest = [*item.conditions, *(basis.law for basis in item.legal_basis), *(q.question for q in item.faq)]
    return IndexEntry(
        phrases=list(dict.fromkeys(filter(None, [*names, *codes]))),
        readings=sorted({form for reading in spoken for form in reading}),
        document=words.document(
            [
                ("A", [*words.terms(item.name), *words.terms(item.name_en or ""), *codes]),
                ("B", [term for phrase in item.synonyms for term in words.terms(phrase)]),
                ("B", [term for phrase in called for term in sorted(words.reading_terms(phrase))]),
                ("C", [term for text in around for term in words.terms(text)]),
                ("D", [term for text in rest for term in words.terms(text)]),
                ("D", sorted({character for phrase in called for character in words.characters(phrase)})),
            ]
        ),
    )


def understand(text: str) -> Query:
    """What the typed text asks for. Letters match the beginning of a word, a reading or a code; Han characters as they stand."""
    asked = words.without_small_talk(text)
    forms = [words.normal_form(text), words.normal_form(asked)]
    terms = [_matching(term) for term in words.terms(asked)]
    return Query(forms=list(dict.fromkeys(filter(None, forms))), terms=terms[:_MOST_TERMS])


def _matching(term: str) -> str:
    return words.lexeme(term) if words.is_han(term) else f"{words.lexeme(term)}:*"
