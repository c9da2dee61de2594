"""The `tongban` command: up, serve, demo, migrate, contracts, events, keys, admin, catalog."""

import asyncio
from pathlib import Path
import sys
from typing import Annotated

import typer
import uvloop

from host.admin_commands import admin
from host.catalog_item_commands import catalog
from host.garbage import begin_loading
from host.installations import STACK, VAR, meant

app = typer.Typer(
    name="tongban",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="通办 Tongban: government services online. 一网通办平台。",
)
events = typer.Typer(no_args_is_help=True, help="Watch and mend the flow of events. 查看与处理事件。")
dead = typer.Typer(no_args_is_help=True, help="Events that could not take effect. 未能生效的事件。")
keys = typer.Typer(no_args_is_help=True, help="Keys. 密钥。")
app.add_typer(events, name="events")
events.add_typer(dead, name="dead")
app.add_typer(keys, name="keys")
app.add_typer(admin, name="admin")
app.add_typer(catalog, name="catalog")

Var = Annotated[Path, typer.Option(envvar="TONGBAN_VAR", help="Folder of everything the suite keeps.")]
Targets = Annotated[str, typer.Option(help="Services to run, separated by commas; all when left out.")]
Service = Annotated[str, typer.Option(help="Name of a service.")]
Installed = Annotated[
    Path | None, typer.Option("--var", envvar="TONGBAN_VAR", help="Folder of the installation; left out, the one that runs, or var.")
]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _say(line: str) -> None:
    print(line, flush=True)


@app.command()
def up(
    target: Targets = "",
    var: Var = VAR,
    processes: Annotated[bool, typer.Option("--processes", help="One process per service.")] = False,
    city: Annotated[bool, typer.Option(help="Load the sample city on the first run.")] = True,
) -> None:
    """Bring up the suite on this machine and keep it until Ctrl-C. 在本机启动整套系统。"""
    from host.up import up as run

    uvloop.run(run(var.absolute(), _names(target), processes=processes, with_city=city, say=_say))


@app.command()
def serve(service: str, port: Annotated[int, typer.Option(help="Port to listen on.")], host: str = "127.0.0.1") -> None:
    """Run one service (or the gateway) as a process of its own; everything else comes from TONGBAN_ variables. 单独运行一个服务。"""
    from host.single import serve as run

    uvloop.run(run(service, port, host))


@app.command()
def borders(port: Annotated[int, typer.Option(help="Port to listen on.")]) -> None:
    """Run the stand-ins of outside systems with the sample city's records. 运行外部系统替身。"""
    from host.single import serve_borders

    uvloop.run(serve_borders(port))


@app.command()
def stack(var: Var = STACK) -> None:
    """Real PostgreSQL, real Apache Kafka, one process per service, several of gateway and intake. 运行完整部署形态。"""
    from host.stack.run import up as run

    uvloop.run(run(var.absolute(), say=_say))


@app.command()
def migrate(service: Annotated[str, typer.Option(help="One service; all when left out.")] = "") -> None:
    """Bring databases to the newest revision (TONGBAN_DATABASE_URL). 升级数据库结构。"""
    from host.migrate import migrate as run

    for line in asyncio.run(run(_names(service))):
        print(line)


@app.command()
def contracts(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail when committed contracts differ or break a reader.")] = False,
) -> None:
    """Write the API documents and event schemas of every service to contracts/. 生成接口与事件契约。"""
    from host.contracts import check_contracts, write_contracts

    if not check:
        from host.settings_page import write as write_settings_page

        for path in (*write_contracts(), *write_settings_page()):
            print(path)
        return
    found = check_contracts()
    for line in found:
        print(line, file=sys.stderr)
    raise typer.Exit(1 if found else 0)


@app.command()
def deploy() -> None:
    """Write deploy/compose.yaml from the map of the house. 生成部署文件。"""
    from host.deploy import write

    for path in write():
        print(path)


@app.command()
def demo(
    url: Annotated[str, typer.Option(envvar="TONGBAN_PUBLIC_URL", help="The gateway of a running suite.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print ids and links of what was made as JSON, nothing else.")] = False,
    var: Installed = None,
) -> None:
    """Walk one licence from sign-up to wallet against a running suite. 演示办理一张食品经营许可证。"""
    from host.demo.run import run_demo

    raise typer.Exit(asyncio.run(run_demo(url, as_json=json, var=meant(var))))


@dead.command("list")
def dead_list(
    service: Annotated[str, typer.Option(help="One service; all when left out.")] = "",
    all_states: Annotated[bool, typer.Option("--all", help="Also those resolved or dropped.")] = False,
    var: Installed = None,
) -> None:
    """List parked events. 列出搁置的事件。"""
    from host import events as run

    asyncio.run(run.list_dead(_names(service), meant(var), all_states=all_states, say=_say))


@dead.command("show")
def dead_show(letter: int, service: Service, var: Installed = None) -> None:
    """Show one with its body and error. 查看一条搁置的事件。"""
    from host import events as run

    raise typer.Exit(asyncio.run(run.show_dead(service, letter, meant(var), say=_say)))


@dead.command("replay")
def dead_replay(
    service: Service,
    letter: Annotated[int | None, typer.Argument(help="One letter; its whole key is replayed, in order.")] = None,
    key: Annotated[str | None, typer.Option(help="Every parked event of a key.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Everything parked in the service.")] = False,
    var: Installed = None,
) -> None:
    """Give parked events another try, in order; the running service takes them up. 重放搁置的事件。"""
    from host import events as run

    raise typer.Exit(asyncio.run(run.replay_dead(service, meant(var), letter=letter, key=key, every=every, say=_say)))


@dead.command("drop")
def dead_drop(letter: int, service: Service, var: Installed = None) -> None:
    """Give one up for good; later events of its key still wait. 放弃一条搁置的事件。"""
    from host import events as run

    raise typer.Exit(asyncio.run(run.drop_dead(service, letter, meant(var), say=_say)))


@events.command("lag")
def lag(service: Annotated[str, typer.Option(help="One service; all when left out.")] = "", var: Installed = None) -> None:
    """How far each consumer is behind. 查看积压。"""
    from host import events as run

    asyncio.run(run.show_lag(_names(service), meant(var), say=_say))


@events.command("replay")
def replay(
    service: Service,
    start: Annotated[str, typer.Option("--from", help="An offset, or a time such as 2026-10-01T08:00:00+08:00.")],
    consumer: Annotated[str, typer.Option(help="One consumer; all of the service when left out.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Also forget what was handled, so that it takes effect again.")] = False,
    var: Installed = None,
) -> None:
    """Read topics again from an offset or a time. 从某处重新读取事件。"""
    from host import events as run

    raise typer.Exit(asyncio.run(run.replay(service, start, meant(var), consumer=consumer, again=again, say=_say)))


@keys.command("new")
def new_key() -> None:
    """Make a master key for TONGBAN_MASTER_KEY. 生成主密钥。"""
    from chassis.crypto import new_master_key

    print(new_master_key())


@keys.command("rotate")
def rotate_keys(
    emergency: Annotated[
        bool, typer.Option("--emergency", help="A key may be stolen: withdraw all at once; every token must be fetched anew.")
    ] = False,
    var: Installed = None,
) -> None:
    """Change the key that signs tokens: published now, in use after the notice; or at once. 更换令牌签名密钥。"""
    from host.keys import rotate as run

    asyncio.run(run(meant(var), emergency=emergency, say=_say))


def main() -> None:
    """Run a command; what a person can mend ends it with a sentence, not a stack trace."""
    begin_loading()
    try:
        app()
    except Exception as error:
        from host.mendable import sentence_for

        sentence = sentence_for(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        raise SystemExit(1) from error
