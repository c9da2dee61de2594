"""Where everything of a diagram stands: in layers from left to right, each node behind all that lead to it.

A flow that passes over layers keeps a place of its own in each, so that it runs around what stands there; returns run below everything.
Places are in pixels and the same for the same diagram.
"""

from dataclasses import dataclass
from itertools import pairwise

from services.catalog.rules.process.diagram import Diagram, Flow, NodeKind

SIZES: dict[NodeKind, tuple[int, int]] = {
    "start": (36, 36),
    "task": (140, 76),
    "exclusive": (44, 44),
    "parallel": (44, 44),
    "end": (36, 36),
}
_GAP, _LABEL, _ROW, _MARGIN, _HEAD, _BELOW = 56, 100, 104, 24, 64, 22
_SWEEPS = 6

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """`boxes` by node, `lines` by flow, both by id; `labels` are where a flow's label is centred."""

    width: int
    height: int
    boxes: dict[str, Box]
    lines: dict[str, tuple[Point, ...]]
    labels: dict[str, Point]


def laid_out(diagram: Diagram) -> Layout:
    layers = _layers(diagram)
    onward = [flow for flow in diagram.flows if not flow.is_return and layers[flow.source] < layers[flow.target]]
    columns, chains = _columns(diagram, onward, layers)
    boxes, edges = _boxes(diagram, columns, {layers[flow.source] for flow in onward if flow.label is not None})
    bottom = _HEAD + max(len(column) for column in columns) * _ROW
    lines: dict[str, tuple[Point, ...]] = {}
    labels: dict[str, Point] = {}
    for flow in onward:
        path = [flow.source, *chains[flow.id], flow.target]
        turns = [edges[layer] + _GAP // 2 for layer in range(layers[flow.source], layers[flow.target])]
        lines[flow.id] = _line([boxes[name] for name in path], turns)
        labels[flow.id] = (turns[0] + _LABEL // 2, boxes[path[1]].middle - 6)
    returning = [flow for flow in diagram.flows if flow.id not in lines]
    for number, flow in enumerate(returning):
        level = bottom + number * _BELOW
        out, back = edges[layers[flow.source]] + _GAP // 4, boxes[flow.target].x - _GAP // 4
        lines[flow.id] = _below(boxes[flow.source], boxes[flow.target], out, level, back)
        labels[flow.id] = ((out + back) // 2, level - 4)
    placed = {node.id: boxes[node.id] for node in diagram.nodes}
    return Layout(max(edges) + _MARGIN, bottom + len(returning) * _BELOW + _MARGIN, placed, lines, labels)


def _boxes(diagram: Diagram, columns: list[list[str]], labelled: set[int]) -> tuple[dict[str, Box], list[int]]:
    """Where everything in the columns stands, and each column's right edge. Behind labelled layers there is room for labels."""
    kinds = {node.id: node.kind for node in diagram.nodes}
    boxes: dict[str, Box] = {}
    edges: list[int] = []
    rows, x = max(len(column) for column in columns), _MARGIN
    for layer, column in enumerate(columns):
        wide = max((SIZES[kinds[name]][0] for name in column if name in kinds), default=SIZES["exclusive"][0])
        top = _HEAD + (rows - len(column)) * _ROW // 2
        for row, name in enumerate(column):
            width, height = SIZES[kinds[name]] if name in kinds else (wide, 0)
            boxes[name] = Box(x + (wide - width) // 2, top + row * _ROW + (_ROW - height) // 2, width, height)
        edges.append(x + wide)
        x += wide + _GAP + (_LABEL if layer in labelled else 0)
    return boxes, edges


def _layers(diagram: Diagram) -> dict[str, int]:
    """How many nodes stand before each, by the longest way. In a circle, which is refused elsewhere, counting stops."""
    layers = {node.id: 0 for node in diagram.nodes}
    for _ in diagram.nodes:
        moved = False
        for flow in diagram.flows:
            if not flow.is_return and layers[flow.target] <= layers[flow.source] < len(layers):
                layers[flow.target] = layers[flow.source] + 1
                moved = True
        if not moved:
            break
    used = {layer: at for at, layer in enumerate(sorted(set(layers.values())))}
    return {name: used[layer] for name, layer in layers.items()}


def _columns(diagram: Diagram, onward: list[Flow], layers: dict[str, int]) -> tuple[list[list[str]], dict[str, list[str]]]:
    """The nodes of each layer from top to bottom, with the places of flows that pass over it; and those places by flow."""
    columns: list[list[str]] = [[] for _ in range(max(layers.values()) + 1)]
    for node in diagram.nodes:
        columns[layers[node.id]].append(node.id)
    chains: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for flow in onward:
        chains[flow.id] = [f"{flow.id}@{layer}" for layer in range(layers[flow.source] + 1, layers[flow.target])]
        for offset, name in enumerate(chains[flow.id], 1):
            columns[layers[flow.source] + offset].append(name)
        path = [flow.source, *chains[flow.id], flow.target]
        for one, other in pairwise(path):
            before.setdefault(other, []).append(one)
            after.setdefault(one, []).append(other)
    for sweep in range(_SWEEPS):
        rows = {name: row - len(column) / 2 for column in columns for row, name in enumerate(column)}
        near = before if sweep % 2 == 0 else after
        for column in columns if sweep % 2 == 0 else reversed(columns):
            column.sort(key=lambda name: _average([rows[one] for one in near.get(name, [name])]))
            rows |= {name: row - len(column) / 2 for row, name in enumerate(column)}
    return columns, chains


def _average(values: list[float]) -> float:
    return sum(values) / len(values)


def _line(boxes: list[Box], turns: list[int]) -> tuple[Point, ...]:
    """From the right of one to the left of the next, turning in the gap between their columns."""
    points: list[Point] = []
    for (one, other), turn in zip(pairwise(boxes), turns, strict=True):
        points += [(one.right, one.middle), (turn, one.middle), (turn, other.middle), (other.x, other.middle)]
    return _straightened(points)


def _below(source: Box, target: Box, out: int, level: int, back: int) -> tuple[Point, ...]:
    """Out to the right, down in the gap between columns, back below everything, and up to the left of the target."""
    return (
        (source.right, source.middle), (out, source.middle), (out, level), (back, level), (back, target.middle), (target.x, target.middle),
    )  # fmt: skip


def _straightened(points: list[Point]) -> tuple[Point, ...]:
    """Without points that repeat, or lie on a line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)
