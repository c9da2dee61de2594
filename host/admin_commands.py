"""The `tongban admin` commands: first administrator, imports, clients of department systems, new passwords."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from host.installations import meant

admin = typer.Typer(no_args_is_help=True, help="Departments, staff and systems. 机构、人员与系统管理。")

Url = Annotated[str, typer.Option(envvar="TONGBAN_PUBLIC_URL", help="The gateway of a running suite.")]
Var = Annotated[
    Path | None, typer.Option("--var", envvar="TONGBAN_VAR", help="Folder of the installation; left out, the one that runs, or var.")
]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, UTF-8 or GB18030, with a header.")]
Check = Annotated[bool, typer.Option("--check", help="Only say what the import would do.")]


def _say(line: str) -> None:
    print(line, flush=True)


@admin.command("first")
def first(url: Url = "", var: Var = None) -> None:
    """Print a one-time secret for the first administrator, valid 24 hours. 签发首任管理员的一次性口令。"""
    from host import administration as run

    asyncio.run(run.invite_first(url, meant(var), _say))


@admin.command("become")
def become(
    login: Annotated[str, typer.Option(prompt="登录名 login")],
    name: Annotated[str, typer.Option(prompt="姓名 name")],
    uscc: Annotated[str, typer.Option(prompt="部门统一社会信用代码 department's USCC")],
    department: Annotated[str, typer.Option(prompt="部门名称 department's name")],
    region: Annotated[str, typer.Option(prompt="区划代码 region code")],
    url: Url = "",
) -> None:
    """Become the first administrator with that secret; asks for it and for a password. 凭口令成为首任管理员。"""
    from host import administration as run

    secret = typer.prompt("一次性口令 one-time secret", hide_input=True)
    password = typer.prompt("密码 password", hide_input=True, confirmation_prompt=True)
    who = run.FirstAdministrator(login, name, uscc, department, region)
    asyncio.run(run.become_first(url, who, secret=secret, password=password, say=_say))


@admin.command("import-departments")
def import_departments(file: File, check: Check = False, url: Url = "", var: Var = None) -> None:
    """Enter departments from CSV: all of the file or nothing of it. 导入部门。"""
    from host import administration as run

    asyncio.run(run.import_file(url, meant(var), "departments", file, check=check, say=_say))


@admin.command("import-staff")
def import_staff(file: File, check: Check = False, url: Url = "", var: Var = None) -> None:
    """Enter staff from CSV: all of the file or nothing of it. 导入人员。"""
    from host import administration as run

    asyncio.run(run.import_file(url, meant(var), "staff", file, check=check, say=_say))


@admin.command("clients")
def clients(url: Url = "", var: Var = None) -> None:
    """List department systems that ask for a client. 列出待批的业务系统。"""
    from host import administration as run

    asyncio.run(run.list_client_requests(url, meant(var), _say))


@admin.command("approve-client")
def approve_client(request_id: str, url: Url = "", var: Var = None) -> None:
    """Approve one; its secret is printed this once. 批准业务系统接入。"""
    from host import administration as run

    asyncio.run(run.decide_client_request(url, meant(var), request_id, refuse_because=None, say=_say))


@admin.command("refuse-client")
def refuse_client(request_id: str, reason: Annotated[str, typer.Option(help="Told to who asked.")], url: Url = "", var: Var = None) -> None:
    """Refuse one, with the reason. 退回业务系统接入申请。"""
    from host import administration as run

    asyncio.run(run.decide_client_request(url, meant(var), request_id, refuse_because=reason, say=_say))


@admin.command("put-client")
def put_client(
    client_id: str,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON: the body of PUT /clients/{client_id}.")],
    url: Url = "",
    var: Var = None,
) -> None:
    """Register a client, or change it: keys, signed requests, certificates, quota. 登记或变更客户端。"""
    from host import administration as run

    asyncio.run(run.put_client(url, meant(var), client_id, file, _say))


@admin.command("restate")
def restate(
    kinds: Annotated[list[str] | None, typer.Argument(help="person organisation department staff delegation mandate; all.")] = None,
    url: Url = "",
    var: Var = None,
) -> None:
    """Tell the present state of records again, for a service that begins to keep a copy. 重新发布现状。"""
    from host import administration as run

    asyncio.run(run.restate(url, meant(var), kinds or run.RESTATED, _say))


@admin.command("reset-password")
def reset_password(login: str, url: Url = "", var: Var = None) -> None:
    """End a member's password and sign-ins; print a one-time secret for a new one. 重置工作人员密码。"""
    from host import administration as run

    asyncio.run(run.reset_password(url, meant(var), login, _say))
