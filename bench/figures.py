"""What a benchmark found, and the table it is shown in."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `value` is already in `unit`; `ratio` is against the run's own yardstick, `goal` is the issue's."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    goal: str = ""
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table."""
    rows = [("what", "value", "unit", "against no-op", "goal", "note")]
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}×"
        rows.append((figure.name, f"{figure.value:,.2f}", figure.unit, ratio, figure.goal, figure.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
