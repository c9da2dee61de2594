"""A process as BPMN 2.0 XML with diagram interchange, for any modeller: the same places as in the picture."""

import re
from xml.etree import ElementTree as ET

from services.catalog.rules.content import ProcessPlan, StepKind
from services.catalog.rules.process.diagram import Diagram, Node, diagram
from services.catalog.rules.process.layout import Box, Point, laid_out
from services.catalog.rules.process.words import Language, name_of, say, text_of, told

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC = "http://www.omg.org/spec/DD/20100524/DC"
_DI = "http://www.omg.org/spec/DD/20100524/DI"
_TARGET = "urn:tongban:process"
_PREFIXES = {"bpmn": _BPMN, "bpmndi": _BPMNDI, "dc": _DC, "di": _DI}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {"start": "startEvent", "end": "endEvent", "exclusive": "exclusiveGateway", "parallel": "parallelGateway"}
_TASKS: dict[StepKind, str] = {"site_visit": "manualTask", "inspection": "manualTask", "testing": "manualTask", "delivery": "sendTask"}


def process_bpmn(name: str, plan: ProcessPlan, unit: str, language: Language) -> bytes:
    """The document. Whoever does a step, and how long it takes, is in the step's documentation."""
    drawn = diagram(plan)
    for prefix, address in _PREFIXES.items():
        ET.register_namespace(prefix, address)
    root = ET.Element(f"{{{_BPMN}}}definitions", {"id": "definitions", "targetNamespace": _TARGET})
    process = _sub(root, _BPMN, "process", id="process", name=_clean(name), isExecutable="false")
    stages = {stage.key: text_of(stage.name, language) for stage in plan.stages}
    for node in drawn.nodes:
        element = _sub(process, _BPMN, _element(node), id=node.id, **_named(node, language))
        if node.kind == "task" and node.step is not None:
            stage = f"{stages[node.step.stage]}: " if node.step.stage in stages else ""
            _sub(element, _BPMN, "documentation").text = _clean(stage + told(node.step, unit, language))
        for flow in drawn.flows:
            if flow.target == node.id:
                _sub(element, _BPMN, "incoming").text = flow.id
        for flow in drawn.flows:
            if flow.source == node.id:
                _sub(element, _BPMN, "outgoing").text = flow.id
    for flow in drawn.flows:
        label = {"name": _clean(text_of(flow.label, language))} if flow.label is not None else {}
        _sub(process, _BPMN, "sequenceFlow", id=flow.id, sourceRef=flow.source, targetRef=flow.target, **label)
    _draw(root, drawn)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _element(node: Node) -> str:
    if node.kind == "task" and node.step is not None:
        return _TASKS.get(node.step.kind, "userTask")
    return _ELEMENTS[node.kind]


def _named(node: Node, language: Language) -> dict[str, str]:
    if node.kind == "task" and node.step is not None:
        return {"name": _clean(name_of(node.step, language))}
    if node.kind == "start":
        return {"name": say(language, "受理", "Accepted")}
    return {"name": say(language, "办结", "Done")} if node.kind == "end" else {}


def _draw(root: ET.Element, drawn: Diagram) -> None:
    layout = laid_out(drawn)
    plane = _sub(_sub(root, _BPMNDI, "BPMNDiagram", id="diagram"), _BPMNDI, "BPMNPlane", id="plane", bpmnElement="process")
    for node in drawn.nodes:
        marker = {"isMarkerVisible": "true"} if node.kind == "exclusive" else {}
        shape, box = _sub(plane, _BPMNDI, "BPMNShape", id=f"{node.id}_di", bpmnElement=node.id, **marker), layout.boxes[node.id]
        _bounds(shape, box)
        if node.kind in ("start", "end"):
            _label(shape, (box.x + box.width // 2, box.y + box.height + 16))
    for flow in drawn.flows:
        edge = _sub(plane, _BPMNDI, "BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id)
        for x, y in layout.lines[flow.id]:
            _sub(edge, _DI, "waypoint", x=str(x), y=str(y))
        if flow.label is not None:
            _label(edge, layout.labels[flow.id])


def _bounds(parent: ET.Element, box: Box) -> None:
    _sub(parent, _DC, "Bounds", x=str(box.x), y=str(box.y), width=str(box.width), height=str(box.height))


def _label(parent: ET.Element, at: Point) -> None:
    """Of what has its name outside: around the place where the picture writes it."""
    _bounds(_sub(parent, _BPMNDI, "BPMNLabel"), Box(at[0] - 46, at[1] - 13, 92, 16))


def _sub(parent: ET.Element, namespace: str, tag: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{namespace}}}{tag}", attributes)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
