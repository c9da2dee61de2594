"""Edit many items at once: shown first, with what each would say otherwise and what the rules say to it; then done, if nothing changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
import hashlib

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from chassis.actor import Actor
from chassis.database import ReadTx, WriteTx
from chassis.problems import FieldError, Text
from services.catalog import store
from services.catalog.commands.import_items import MOST_TOLD, Imported, import_items, record_of
from services.catalog.commands.publish_version import digest_of
from services.catalog.life_errors import EditRefused, ItemFileRefused, PreviewOutdated, TooManyChosen
from services.catalog.rules.bulk_edit import Edit, edited
from services.catalog.rules.comparing import Change, changes
from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import Finding, Obtainable, findings
from services.catalog.store import transfers
from services.catalog.store.transfers import Chosen

MOST_CHOSEN = 2_000
_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


@dataclass(frozen=True, slots=True)
class EditedItem:
    """What an item would say otherwise. `content` is None where it would be no item at all; `findings` say why."""

    row: RowMapping
    content: ItemContent | None
    changes: Sequence[Change]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Preview:
    """The items that would change. `digest` names all of this: the edit, the versions it starts from, what would come of it."""

    chosen_count: int
    items: Sequence[EditedItem]
    digest: str


async def preview_edit(tx: ReadTx, chosen: Chosen, edit: Edit) -> Preview:
    """Raises TooManyChosen."""
    rows = await transfers.list_chosen(tx, chosen, limit=MOST_CHOSEN + 1)
    if len(rows) > MOST_CHOSEN:
        raise TooManyChosen(most=MOST_CHOSEN)
    obtainable = await store.obtainable(tx)
    items = [one for row in rows if (one := _edited(row, edit, obtainable)) is not None]
    named = [_EDIT.dump_python(edit, mode="json"), [_named(one) for one in items]]
    return Preview(len(rows), items, hashlib.sha256(orjson.dumps(named, option=orjson.OPT_SORT_KEYS)).hexdigest())


async def apply_edit(tx: WriteTx, chosen: Chosen, edit: Edit, digest: str, *, editor: Actor) -> Imported:
    """Done as shown, in force at once, or not at all. Raises TooManyChosen, PreviewOutdated, EditRefused."""
    rows = await transfers.list_chosen(tx, chosen, limit=MOST_CHOSEN + 1)
    await transfers.lock_items(tx, [row["local_code"] for row in rows])
    preview = await preview_edit(tx, chosen, edit)
    if preview.digest != digest:
        raise PreviewOutdated()
    errors = [FieldError(f"{one.row['local_code']}:{f.pointer}", f.rule, Text(f.zh, f.en)) for one in preview.items for f in one.findings]
    if errors:
        raise EditRefused(errors=errors[:MOST_TOLD], fault_count=len(errors))
    records = [record_of(one.row["local_code"], one.content) for one in preview.items if one.content is not None]
    try:
        return await import_items(records, tx, importer=editor)
    except ItemFileRefused as refused:  # a version lies ahead, or a region is gone
        raise EditRefused(errors=refused.errors, fault_count=len(refused.errors)) from refused


def _edited(row: RowMapping, edit: Edit, obtainable: Sequence[Obtainable]) -> EditedItem | None:
    before = ItemContent.model_validate(row["content"]).model_dump(mode="json")
    after = edited(before, edit)
    found = changes(before, after)
    if not found:
        return None
    try:
        content = ItemContent.model_validate(after)
    except ValidationError as error:
        faults = [
            Finding("".join(f"/{part}" for part in one["loc"]), one["type"], "修改后不符合格式", one["msg"]) for one in error.errors()
        ]
        return EditedItem(row, None, found, faults)
    return EditedItem(row, content, found, findings(content, obtainable))


def _named(one: EditedItem) -> list[object]:
    said = digest_of(one.content).hex() if one.content is not None else None
    return [one.row["local_code"], str(one.row["version_id"]), said, [finding.rule for finding in one.findings]]
