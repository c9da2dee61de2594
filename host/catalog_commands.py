"""The command line of `tongban catalog`: what its words and options are; `host.catalog_drift` and `host.catalog_places` do it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from host.installations import meant

if TYPE_CHECKING:
    from host.catalog_drift import Operator

catalog = typer.Typer(no_args_is_help=True, help="Base catalogs, regions, the calendar. 基本目录、区划、工作日历。")
review = typer.Typer(no_args_is_help=True, help="Review what an edition changes. 审阅新版目录的变化。")
catalog.add_typer(review, name="review")

Name = Annotated[str, typer.Option("--catalog", help="The base catalog's name here, such as national or sichuan.")]
Url = Annotated[str, typer.Option(envvar="TONGBAN_PUBLIC_URL", help="The gateway of a running suite.")]
Installed = Annotated[
    Path | None, typer.Option("--var", envvar="TONGBAN_VAR", help="Folder of the installation; left out, the one that runs, or var.")
]
KindOption = Annotated[str, typer.Option(help="Only added, deleted, renamed, recoded or changed.")]
DepartmentOption = Annotated[str, typer.Option(help="Only one department's, as the edition writes it.")]


@catalog.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030), XLSX or JSON, a whole base catalog.")],
    name: Name,
    issued_on: Annotated[str, typer.Option(help="The day the edition was issued, 2026-09-01. Needed unless --check.")] = "",
    source: Annotated[str, typer.Option(help="Who issued it, in which document. Needed unless --check.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="name=header where the header does not say it, such as code=编号. Repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell what is wrong with it and what it would change.")] = False,
    url: Url = "",
    var: Installed = None,
) -> None:
    """Import an edition of a base catalog for review; the same file again changes nothing. 导入基本目录。"""
    if not check and not (issued_on and source):
        raise typer.BadParameter("--issued-on and --source are needed unless --check 请写明发布日期和来源")

    from host.catalog_drift import import_file

    async def work(api: "Operator") -> None:
        await import_file(api, file, issued_on=issued_on, source=source, columns=column or (), is_check=check, say=say)

    run(url, var, name, work)


@catalog.command("regions")
def regions_command(
    file: Annotated[Path, typer.Argument(help="CSV with code (12 digits), name and parent_code.")], url: Url = "", var: Installed = None
) -> None:
    """Load regions, the whole country's if need be; loading them again changes nothing. 载入行政区划。"""
    from host.catalog_places import load_regions

    run(url, var, "", lambda api: load_regions(api, file, say))


@catalog.command("region-changes")
def region_changes_command(
    file: Annotated[Path, typer.Argument(help="CSV with year or effective_on, kind, old_code, old_name, new_code, new_name.")],
    url: Url = "",
    var: Installed = None,
) -> None:
    """Record what became of regions: codes changed, merged, divided, raised. 记录区划沿革。"""
    from host.catalog_places import record_changes

    run(url, var, "", lambda api: record_changes(api, file, say))


@catalog.command("calendar")
def calendar_command(
    year: Annotated[list[int] | None, typer.Option(help="Only this year; repeatable. All that the library carries when left out.")] = None,
    file: Annotated[Path | None, typer.Option(help="A JSON file of notices by year instead, for years the library does not have.")] = None,
    url: Url = "",
    var: Installed = None,
) -> None:
    """Load the notices of days off and days worked. 载入节假日与调休通知。"""
    from host.catalog_places import load_calendar

    run(url, var, "", lambda api: load_calendar(api, years=year or (), file=file, say=say))


@catalog.command("tell-again")
def tell_again_command(
    kind: Annotated[Literal["items", "bundles", "lists", "base-entries", "regions", "calendar"], typer.Argument(help="What is told.")],
    url: Url = "",
    var: Installed = None,
) -> None:
    """Tell again how everything of a kind stands, for a service that comes late. 向新加入的服务重新通报全部现状。"""
    from host.catalog_places import tell_again

    run(url, var, "", lambda api: tell_again(api, kind, say))


@review.command("show")
def show_command(name: Name, url: Url = "", var: Installed = None) -> None:
    """How far the review of each edition is. 查看各版审阅进度。"""
    from host.catalog_drift import show_review

    run(url, var, name, lambda api: show_review(api, say))


@review.command("list")
def list_command(
    name: Name,
    edition: Annotated[int | None, typer.Option(help="An edition's number; the newest when left out.")] = None,
    kind: KindOption = "",
    decision: Annotated[str, typer.Option(help="Only undecided, accepted, rejected or postponed.")] = "",
    department: DepartmentOption = "",
    url: Url = "",
    var: Installed = None,
) -> None:
    """List what an edition changes. 列出差异。"""
    from host.catalog_drift import list_review

    chosen = _chosen(kind=kind, decision=decision, department=department)
    run(url, var, name, lambda api: list_review(api, number=edition, chosen=chosen, say=say))


def _add_decision(verb: Literal["accept", "reject", "postpone"], sentence: str) -> None:
    @review.command(verb, help=sentence)
    def decide_command(
        name: Name,
        reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
        difference: Annotated[list[str] | None, typer.Argument(help="Ids from `review list`.")] = None,
        every: Annotated[
            bool, typer.Option("--every", help="Everything undecided, together, or what --kind and --department leave.")
        ] = False,
        kind: KindOption = "",
        department: DepartmentOption = "",
        url: Url = "",
        var: Installed = None,
    ) -> None:
        from host.catalog_drift import decide_all, decide_some

        if bool(difference) == every:
            raise typer.BadParameter("name differences by their ids, or say --every 请给出差异编号，或用 --every")
        chosen = _chosen(kind=kind, department=department)
        if difference:
            run(url, var, name, lambda api: decide_some(api, verb, difference, reason=reason, say=say))
        else:
            run(url, var, name, lambda api: decide_all(api, verb, chosen=chosen, reason=reason, say=say))


_add_decision("accept", "Accept differences: they are in force at once, and for good. 采纳，立即生效。")
_add_decision("reject", "Reject differences: nothing changes. 不采纳。")
_add_decision("postpone", "Postpone differences: the review stays open. 暂缓。")


def _chosen(**options: str) -> dict[str, str]:
    return {name: value for name, value in options.items() if value}


def run(url: str, var: Path | None, name: str, work: Callable[["Operator"], Awaitable[None]]) -> None:
    from host.catalog_drift import CatalogCommandFailed, operator

    async def signed_in() -> None:
        async with operator(url, meant(var), name) as api:
            await work(api)

    try:
        asyncio.run(signed_in())
    except CatalogCommandFailed as failed:
        print(failed, file=sys.stderr)
        raise typer.Exit(1) from failed


def say(line: str) -> None:
    print(line, flush=True)
