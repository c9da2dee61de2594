"""`tongban stack`: the production shape on one machine: PostgreSQL, an Apache Kafka broker, one process per service, several of some."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
import time

from chassis.logs import configure_logs
from host.environment import Environment, log_settings, port_setting
from host.installations import marked_as_running
from host.programs import programs_of, stack_workers
from host.services import SERVICES
from host.signals import told_to_stop
from host.stack.fetch import JARS
from host.stack.kafka import KafkaBroker
from host.stack.processes import free_ports
from host.supervisor import Supervisor
from host.up import STOPPING, database_server, environment_of, prepare_databases

Say = Callable[[str], None]


@asynccontextmanager
async def stack(var: Path, *, say: Say, with_city: bool = True) -> AsyncIterator[tuple[Environment, Supervisor]]:
    """The stack, ready, while the block runs. Uses TONGBAN_DATABASE_URL and TONGBAN_KAFKA where they are set."""
    entries = list(SERVICES.values())
    async with AsyncExitStack() as parts:
        parts.enter_context(marked_as_running(var))
        database_url = await parts.enter_async_context(database_server(var, say))
        environment = environment_of(var, database_url)
        if not environment.kafka:
            say("正在启动 Apache Kafka… starting Apache Kafka")
            port, controller_port = free_ports(2)
            broker = await parts.enter_async_context(KafkaBroker(var / "kafka", jars=JARS, port=port, controller_port=controller_port))
            environment = replace(environment, kafka=broker.bootstrap)
        await prepare_databases(environment, entries)
        programs = programs_of(environment, entries, workers=stack_workers())
        supervisor = Supervisor(programs, variables=environment.as_variables(), logs=var / "logs")
        await supervisor.start()
        parts.push_async_callback(supervisor.stop)
        say(f"正在启动 {len(programs)} 个进程… starting {len(programs)} processes")
        await supervisor.wait_ready()
        if with_city:
            from host.load_city import load_if_missing

            await load_if_missing(environment, say)
        yield environment, supervisor


async def up(var: Path, *, say: Say) -> None:
    """Run until Ctrl-C or SIGTERM."""
    port_setting()  # before anything is begun
    configure_logs(*log_settings())
    began = time.monotonic()
    stopping = told_to_stop(say)
    async with stack(var, say=say) as (environment, supervisor):
        from host.welcome import welcome

        say(welcome(environment, (), seconds=time.monotonic() - began))
        for child in supervisor.children:
            say(f"  {child.program.name:<16} pid {child.pid}")
        await stopping.wait()
        say(STOPPING)
    say("已停止 stopped")
