"""The demonstration told as it happens: one line a step with its time, and what it found below; or one JSON document at the end."""

from collections.abc import Callable
import time
from typing import Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from host.demo.gateway import Refused
from host.demo.journey import STEPS, Fact, Step
from host.demo.story import Story


class Telling(Protocol):
    """How a run is shown."""

    def begin(self, step: Step) -> None: ...
    def done(self, step: Step, facts: list[Fact], seconds: float) -> None: ...
    def failed(self, step: Step | None, error: Exception, how_to_go_on: str) -> None: ...
    def end(self, story: Story) -> None: ...


class Aloud:
    """For people, on the terminal."""

    def __init__(self, origin: str, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._clock = clock
        self._began = clock()
        self._number = 0
        self._console.print(
            f"[bold]通办演示：在 {escape(origin)} 办一张食品经营许可证[/bold]\nTongban demo: a food business permit, end to end\n"
        )

    def begin(self, step: Step) -> None:
        self._number += 1
        if self._console.is_terminal:
            self._console.print(f"  … {step.zh} [dim]{step.en}[/dim]", end="\r")

    def done(self, step: Step, facts: list[Fact], seconds: float) -> None:
        title = Text.assemble(
            ("✓", "green"), f" {self._number:>2}/{len(STEPS)} {step.zh} ", (step.en, "dim"), (f"  {seconds:.2f} s", "cyan")
        )
        self._console.print(title)
        for fact in facts:
            self._console.print(Text.assemble(f"         {fact.zh} ", (fact.en, "dim"), f": {fact.value}"))

    def failed(self, step: Step | None, error: Exception, how_to_go_on: str) -> None:
        where = f"{step.zh} {step.en}" if step else "开始之前 before the first step"
        self._console.print(Text.assemble(("✗ ", "bold red"), where, f"\n  {error}"))
        if isinstance(error, Refused):
            for name, value in error.problem.items():
                self._console.print(Text(f"    {name}: {value}"))
        self._console.print(Text(f"  {how_to_go_on}"))

    def end(self, story: Story) -> None:
        self._console.print(f"\n[bold green]全部通过[/bold green] all verified · {self._clock() - self._began:.1f} s")
        for name, link in story.links.items():
            self._console.print(Text(f"  {name:<10}{link}"))


class AsJson:
    """For programs: nothing until the end, then one document on standard output."""

    def __init__(self, origin: str, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._document: dict[str, Any] = {"url": origin, "ok": False, "steps": []}

    def begin(self, step: Step) -> None:
        """Nothing is said before the end."""

    def done(self, step: Step, facts: list[Fact], seconds: float) -> None:
        self._document["steps"].append({"step": step.key, "seconds": round(seconds, 3)})

    def failed(self, step: Step | None, error: Exception, how_to_go_on: str) -> None:
        failure: dict[str, Any] = {"step": step.key if step else None, "error": str(error), "how_to_go_on": how_to_go_on}
        if isinstance(error, Refused):
            failure["problem"] = error.problem
        self._say({**self._document, "failed": failure})

    def end(self, story: Story) -> None:
        self._say({**self._document, "ok": True, "ids": story.ids(), "links": story.links})
