"""Rules of publication: each one function, with its name, what it stands on, and how what breaks it is put right.

`@rule` on a generator of faults makes it a rule; it is checked, listed and tested from then on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from services.catalog.rules.content import ItemContent


class Said(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why an item may not be published. `pointer` is a JSON pointer into its content; `rule` is stable."""

    pointer: str
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Obtainable:
    """A material that the network can supply: from the certificate library, or as shared data. `names` are what people call it."""

    code: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retired:
    """A base code that a base catalog had and has no more; `moved_to` is the code it leads to, None where it was deleted."""

    moved_to: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked, and what the catalog knows around it."""

    item: ItemContent
    obtainable: tuple[Obtainable, ...] = ()
    is_region_known: bool = True
    is_authority_known: bool = True
    retired_base_code: Retired | None = None


Fault = tuple[str, Said]
"""Where, as a JSON pointer into the content, and what is wrong there."""

Check = Callable[[Subject], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of publication. `source`: the law and article, or the design of this catalog. `remedy`: how to put it right."""

    name: str
    title: Said
    source: Said
    remedy: Said
    check: Check

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for pointer, said in self.check(subject):
            yield Finding(pointer, self.name, said.zh, said.en)


RULES: dict[str, Rule] = {}
"""Every rule by its name, in the order in which findings are told."""


def rule(name: str, *, title: tuple[str, str], source: Said, remedy: tuple[str, str]) -> Callable[[Check], Check]:
    """Make a function a rule. Raises ValueError for a name that is taken."""

    def register(check: Check) -> Check:
        if name in RULES:
            raise ValueError(f"there are two rules {name}")
        RULES[name] = Rule(name, Said(*title), source, Said(*remedy), check)
        return check

    return register


def check_item(
    item: ItemContent,
    obtainable: Iterable[Obtainable],
    *,
    is_region_known: bool = True,
    is_authority_known: bool = True,
    retired_base_code: Retired | None = None,
) -> list[Finding]:
    """Everything that stands against publishing the item; empty when nothing does."""
    subject = Subject(item, tuple(obtainable), is_region_known, is_authority_known, retired_base_code)
    return [finding for one in RULES.values() for finding in one.findings(subject)]
