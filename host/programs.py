"""The processes of an installation that runs each service by itself, read off the map."""

from collections.abc import Mapping, Sequence

from host.environment import Environment
from host.services import GATEWAY, GATEWAY_WORKERS, SERVICES, ServiceEntry
from host.supervisor import Program


def programs_of(
    environment: Environment, entries: Sequence[ServiceEntry], *, with_gateway: bool = True, workers: Mapping[str, int] | None = None
) -> list[Program]:
    """One program per process. `workers` gives the number of processes of a service, 1 where it is silent."""
    counts = workers or {}
    programs: list[Program] = []
    if environment.with_borders:
        programs.append(Program("borders", ("borders", "--port", _port(environment.borders_url)), f"{environment.borders_url}/healthz"))
    for entry in entries:
        base = environment.addresses[entry.name]
        programs += _copies(entry.name, ("serve", entry.name, "--port", _port(base)), f"{base}/readyz", counts.get(entry.name, 1))
    if with_gateway:
        base = f"http://127.0.0.1:{environment.port}"
        programs += _copies(GATEWAY, ("serve", GATEWAY, "--port", str(environment.port)), f"{base}/readyz", counts.get(GATEWAY, 1))
    return programs


def stack_workers() -> dict[str, int]:
    """How many processes of each the stack runs."""
    return {GATEWAY: GATEWAY_WORKERS, **{entry.name: entry.workers for entry in SERVICES.values()}}


def _copies(name: str, arguments: tuple[str, ...], ready_url: str, count: int) -> list[Program]:
    if count == 1:
        return [Program(name, arguments, ready_url)]
    return [Program(f"{name}-{number}", arguments, ready_url) for number in range(1, count + 1)]


def _port(url: str) -> str:
    return url.rpartition(":")[2]
