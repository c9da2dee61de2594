"""The command line of items in `tongban catalog`: what its words and options are; `host.catalog_items` does it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from host.catalog_commands import Installed, Url, catalog, run, say

__all__ = ["catalog"]

_NO_CATALOG = "items"

Limit = Annotated[str, typer.Option(help="Set the promised limit: a number and its unit, such as 10:working_day.")]


@catalog.command("export-items")
def export_command(
    file: Annotated[Path, typer.Argument(help="Where to write one JSON line an item.")], url: Url = "", var: Installed = None
) -> None:
    """Write every item with all that it says, to be imported elsewhere or again. 导出事项。"""
    from host.catalog_items import export_items

    run(url, var, _NO_CATALOG, lambda api: export_items(api, file, say))


@catalog.command("import-items")
def import_command(
    file: Annotated[Path, typer.Argument(help="JSON lines or a JSON array of local_code and content, UTF-8, at most 20 MiB.")],
    check: Annotated[bool, typer.Option("--check", help="Only tell what is wrong with it and what it would change.")] = False,
    url: Url = "",
    var: Installed = None,
) -> None:
    """Load items approved elsewhere, all or none; the same file again changes nothing. 导入事项。"""
    from host.catalog_items import import_items

    run(url, var, _NO_CATALOG, lambda api: import_items(api, file, is_check=check, say=say))


@catalog.command("edit-items")
def edit_command(
    authority: Annotated[str, typer.Option(help="Only items of this department (USCC).")] = "",
    region: Annotated[str, typer.Option(help="Only items of this region and below, 12 digits.")] = "",
    item_type: Annotated[str, typer.Option(help="Only this type, such as 01.")] = "",
    name_contains: Annotated[str, typer.Option(help="Only items whose name has this.")] = "",
    code: Annotated[list[str] | None, typer.Option(help="Only these items. Repeatable.")] = None,
    promised_limit: Limit = "",
    replace: Annotated[str, typer.Option(help="Replace a text by another, old=new, wherever people read it.")] = "",
    add_channel: Annotated[str, typer.Option(help="1 window, 2 web, 3 mobile, 4 express.")] = "",
    remove_channel: Annotated[str, typer.Option(help="1 window, 2 web, 3 mobile, 4 express.")] = "",
    visits: Annotated[int | None, typer.Option(help="How often one has to come, 0 to 9.")] = None,
    apply: Annotated[str, typer.Option(help="What the preview said to apply it with.")] = "",
    url: Url = "",
    var: Installed = None,
) -> None:
    """Edit many items at once: shown first, with every change in words; applied with what the preview says. 批量修改。"""
    from host.catalog_items import edit_items

    filters = {"authority": authority, "region": region, "item_type": item_type, "name_contains": name_contains, "local_codes": code}
    choose = {name: value for name, value in filters.items() if value}
    wanted = {
        "promised_limit": promised_limit, "replace": replace, "add_channel": add_channel, "remove_channel": remove_channel, "visits": visits,
    }  # fmt: skip
    edit = _edit(wanted)
    run(url, var, _NO_CATALOG, lambda api: edit_items(api, choose, edit, digest=apply, say=say))


def _edit(wanted: dict[str, Any]) -> dict[str, Any]:
    """The one edit that is asked for. Raises BadParameter."""
    asked = [(name, value) for name, value in wanted.items() if value not in ("", None)]
    if len(asked) != 1:
        raise typer.BadParameter("say one edit: --promised-limit, --replace, --add-channel, --remove-channel or --visits 请指明一种修改")
    [(name, value)] = asked
    if name == "promised_limit":
        days, _, unit = str(value).partition(":")
        if not days.isascii() or not days.isdigit():
            raise typer.BadParameter("--promised-limit is written 10:working_day 写作 10:working_day")
        return {"do": "set_promised_limit", "limit": {"days": int(days), "unit": unit or "working_day"}}
    if name == "replace":
        find, equals, put = str(value).partition("=")
        if not find or not equals:
            raise typer.BadParameter("--replace is written old=new 写作 旧=新")
        return {"do": "replace_text", "find": find, "replace": put}
    if name == "visits":
        return {"do": "set_visits", "visits": value}
    return {"do": name, "channel": value}
