"""A process as a picture: SVG that stands alone, with a title and a description for those who do not see it."""

import re
from xml.etree import ElementTree as ET

from services.catalog.rules.content import ProcessPlan, Stage
from services.catalog.rules.process.diagram import Diagram, Flow, Node, diagram
from services.catalog.rules.process.layout import Box, Layout, Point, laid_out
from services.catalog.rules.process.runs import CLOCK_STANDS
from services.catalog.rules.process.words import Language, days_of, name_of, say, text_of, told

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE = """
text { font: 14px "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; fill: #1f2937; text-anchor: middle }
.small { font-size: 12px; fill: #4b5563 } .stage { font-weight: bold; fill: #1d4ed8 }
.task { fill: #f8fafc; stroke: #475569; stroke-width: 1.5 } .decide { fill: #dbeafe; stroke: #1d4ed8; stroke-width: 2.5 }
.stands { stroke-dasharray: 6 3 } .gateway { fill: #fef9c3; stroke: #a16207; stroke-width: 1.5 }
.event { fill: #dcfce7; stroke: #15803d; stroke-width: 2 } .end { fill: #fee2e2; stroke: #b91c1c; stroke-width: 4 }
.flow { fill: none; stroke: #475569; stroke-width: 1.5; marker-end: url(#arrow) } .return { stroke-dasharray: 4 4; stroke: #b45309 }
.mark { fill: none; stroke: #a16207; stroke-width: 2.5 } .bracket { stroke: #1d4ed8; stroke-width: 1.5; fill: none }
"""
_LINES, _WIDE = 2, 16


def process_svg(name: str, plan: ProcessPlan, unit: str, language: Language) -> bytes:
    """The picture. `unit` is that of the steps' days, `name` the item's."""
    drawn = diagram(plan)
    layout = laid_out(drawn)
    size = {"viewBox": f"0 0 {layout.width} {layout.height}", "width": str(layout.width), "height": str(layout.height)}
    languages = {"lang": "zh-CN" if language == "zh" else "en"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "title desc", **size, **languages})
    _text(ET.SubElement(root, "title", id="title"), say(language, f"{name}办理流程", f"Process of {name}"))
    steps = [told(step, unit, language) for step in plan.steps]
    _text(ET.SubElement(root, "desc", id="desc"), say(language, "；", "; ").join(f"{at}. {step}" for at, step in enumerate(steps, 1)))
    ET.SubElement(root, "style").text = _STYLE
    marker = {"id": "arrow", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "8", "markerHeight": "8", "orient": "auto"}
    ET.SubElement(ET.SubElement(ET.SubElement(root, "defs"), "marker", marker), "path", d="M0 0 8 4 0 8z", fill="#475569")
    for stage in plan.stages:
        _stage(root, stage, drawn, layout, language)
    for flow in drawn.flows:
        _flow(root, flow, layout.lines[flow.id], layout.labels[flow.id], language)
    for node in drawn.nodes:
        _node(root, node, layout.boxes[node.id], unit, language)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _stage(root: ET.Element, stage: Stage, drawn: Diagram, layout: Layout, language: Language) -> None:
    """A bracket over the stage's steps."""
    boxes = [layout.boxes[node.id] for node in drawn.nodes if node.kind == "task" and node.step and node.step.stage == stage.key]
    if boxes:
        left, right = min(box.x for box in boxes), max(box.right for box in boxes)
        ET.SubElement(root, "path", {"class": "bracket", "d": f"M{left} 44V36H{right}V44"})
        _write(root, (left + right) // 2, 26, text_of(stage.name, language), "stage")


def _flow(root: ET.Element, flow: Flow, line: tuple[Point, ...], at: Point, language: Language) -> None:
    points = " ".join(f"{x},{y}" for x, y in line)
    ET.SubElement(root, "polyline", {"class": "flow return" if flow.is_return else "flow", "points": points})
    if flow.label is not None:
        _write(root, *at, _shortened(text_of(flow.label, language), _WIDE), "small")


def _node(root: ET.Element, node: Node, box: Box, unit: str, language: Language) -> None:
    group = ET.SubElement(root, "g")
    x, y = box.x + box.width // 2, box.middle
    if node.kind in ("start", "end"):
        ET.SubElement(group, "circle", {"class": "event" if node.kind == "start" else "end", "cx": str(x), "cy": str(y), "r": "17"})
        _write(
            group, x, box.y + box.height + 16, say(language, *(("受理", "Accepted") if node.kind == "start" else ("办结", "Done"))), "small"
        )
    elif node.kind != "task":
        ET.SubElement(group, "path", {"class": "gateway", "d": f"M{x} {box.y}l22 22-22 22-22-22z"})
        ET.SubElement(
            group,
            "path",
            {
                "class": "mark",
                "d": f"M{x - 8} {y - 8}l16 16m0-16l-16 16" if node.kind == "exclusive" else f"M{x - 10} {y}h20M{x} {y - 10}v20",
            },
        )
    elif node.step is not None:
        kinds = "task decide" if node.step.kind == "decide" else "task stands" if node.step.kind in CLOCK_STANDS else "task"
        place = {"x": str(box.x), "y": str(box.y), "width": str(box.width), "height": str(box.height), "rx": "8"}
        _text(ET.SubElement(group, "title"), told(node.step, unit, language))
        ET.SubElement(group, "rect", {"class": kinds, **place})
        lines = wrapped(name_of(node.step, language), _WIDE, _LINES)
        days = days_of(node.step, unit, language)
        top = y + 5 - 9 * (len(lines) - 1) - (9 if days else 0)
        for at, line in enumerate(lines):
            _write(group, x, top + 18 * at, line)
        if days:
            _write(group, x, top + 18 * len(lines), days, "small")


def wrapped(text: str, width: int, most: int) -> list[str]:
    """The text in at most so many lines of so many half-widths; what does not fit ends in an ellipsis. English breaks at spaces."""
    lines = [""]
    for word in re.findall(r"[!-~]+\s*|[^!-~]", " ".join(text.split())):
        if lines[-1] and _width(lines[-1]) + _width(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    cut = [_shortened(line.strip(), width) for line in lines[:most]]
    if len(lines) > most:
        cut[-1] = _shortened(cut[-1] + "　" * width, width)
    return cut


def _shortened(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    kept = ""
    for character in text:
        if _width(kept + character) > width - 2:
            break
        kept += character
    return kept.rstrip() + "…"


def _width(text: str) -> int:
    """In half-widths: a Han character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _write(parent: ET.Element, x: int, y: int, text: str, kind: str | None = None) -> None:
    _text(ET.SubElement(parent, "text", {"x": str(x), "y": str(y), **({"class": kind} if kind else {})}), text)


def _text(element: ET.Element, text: str) -> None:
    element.text = _NOT_XML.sub("", text)
