"""What `tongban up` says once the suite is ready: where things are, who can sign in, what to do next."""

from collections.abc import Iterable, Sequence

from host.city_bodies import SAMPLE_PASSWORD
from host.environment import Environment
from host.sample_city import SampleCity, load_city
from host.services import GATEWAY, chosen

_DEPARTMENT = "market-supervision"


def welcome(environment: Environment, targets: Sequence[str], seconds: float) -> str:
    """The text, Chinese and English side by side. `targets` as given to `tongban up`; none: everything."""
    lines = ["", f"通办已就绪（{seconds:.1f} 秒） Tongban is ready"]
    if not targets or GATEWAY in targets:
        lines += _addresses(environment)
    if targets:
        lines += [_line(entry.name, environment.addresses[entry.name]) for entry in chosen(targets)]
    lines.append(_line("数据 data", str(environment.var)))
    if (environment.var / "logs").exists():
        lines.append(_line("日志 logs", str(environment.var / "logs")))
    if not targets:
        lines += ["", f"示例账号（密码均为 {SAMPLE_PASSWORD}） sample people, all with this password", *_people(load_city())]
        lines += ["", "下一步 next", _line("make demo", "走完一张食品经营许可证 one licence, from sign-up to wallet")]
        lines.append(_line("Ctrl-C", "停止，数据保留 stop; nothing is lost"))
    return "\n".join([*lines, ""])


def _addresses(environment: Environment) -> Iterable[str]:
    origin = environment.origin
    yield _line("入口 gateway", origin)
    yield _line("接口文档 API", f"{origin}/docs")
    yield _line("登录 sign-in", f"{origin}/.well-known/openid-configuration")
    yield _line("健康 health", f"{origin}/readyz")


def _people(city: SampleCity) -> Iterable[str]:
    """Who is registered already, in the order of the story: they apply, a window accepts, a department decides."""
    for citizen in city.citizens[:-1]:
        yield _line(citizen.phone, f"{citizen.name} 市民 citizen")
    clerk = next(member for member in city.staff if "window_clerk" in member.roles)
    officers = [member for member in city.staff if member.department == _DEPARTMENT]
    for member in (clerk, *officers):
        yield _line(member.login, f"{member.name} {member.post.zh} {member.post.en}")


def _line(label: str, text: str) -> str:
    width = sum(2 if ord(character) > 0x2E7F else 1 for character in label)
    return f"  {label}{' ' * max(1, 30 - width)}{text}"
