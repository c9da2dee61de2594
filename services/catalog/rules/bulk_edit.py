"""Edits that many items can take at once, each as what it makes of an item's content."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.catalog.rules.content import PromisedLimit

_TEXTS = frozenset(
    {
        "name",
        "name_en",
        "zh",
        "en",
        "text",
        "text_en",
        "needed_when",
        "basis",
        "law",
        "article",
        "question",
        "answer",
        "title",
        "description",
    }
)
_LISTS_OF_TEXTS = frozenset({"conditions", "synonyms"})


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SetPromisedLimit(_Edit):
    """Give every item this promised limit."""

    do: Literal["set_promised_limit"]
    limit: PromisedLimit


class ReplaceText(_Edit):
    """Put one text in the place of another wherever people read it: names, conditions, guide texts, the form's titles; never in codes."""

    do: Literal["replace_text"]
    find: Annotated[str, Field(min_length=1, max_length=200)]
    replace: Annotated[str, Field(max_length=200)]


class SetChannel(_Edit):
    """Open or close a channel."""

    do: Literal["add_channel", "remove_channel"]
    channel: Literal["1", "2", "3", "4"]


class SetVisits(_Edit):
    """Say how often one has to come."""

    do: Literal["set_visits"]
    visits: int = Field(ge=0, le=9)


Edit = Annotated[SetPromisedLimit | ReplaceText | SetChannel | SetVisits, Field(discriminator="do")]


def edited(content: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    """The content, as JSON, that the edit makes of another."""
    if isinstance(edit, SetPromisedLimit):
        return {**content, "promised_limit": edit.limit.model_dump(mode="json")}
    if isinstance(edit, SetVisits):
        return {**content, "visits": edit.visits}
    if isinstance(edit, SetChannel):
        others = [channel for channel in content["channels"] if channel != edit.channel]
        if edit.do == "remove_channel":
            return {**content, "channels": others}
        return dict(content) if edit.channel in content["channels"] else {**content, "channels": [*others, edit.channel]}
    replaced: dict[str, Any] = _replaced("", dict(content), edit)
    return replaced


def _replaced(field: str, value: Any, edit: ReplaceText) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(name, inner, edit) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(field if field in _LISTS_OF_TEXTS else "", inner, edit) for inner in value]
    if isinstance(value, str) and field in _TEXTS | _LISTS_OF_TEXTS:
        return value.replace(edit.find, edit.replace)
    return value
