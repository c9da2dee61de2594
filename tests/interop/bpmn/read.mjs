// Opens every .bpmn file of a folder as modellers do and tells, as JSON by file, what they had to say and what they drew.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { BpmnModdle } from "bpmn-moddle";
import { Linter } from "bpmnlint";
import NodeResolver from "bpmnlint/lib/resolver/node-resolver.js";

const Modeler = createRequire(import.meta.url)("bpmn-js-headless/lib/Modeler");
const folder = process.argv[2];
// Only a browser can measure text: labels keep the places that the file gives them.
const textRenderer = { getExternalLabelBounds: (bounds) => bounds, getDefaultStyle: () => ({}), getExternalStyle: () => ({}) };
const told = {};

for (const name of readdirSync(folder).filter((file) => file.endsWith(".bpmn"))) {
  const xml = readFileSync(join(folder, name), "utf8");
  const { rootElement, warnings } = await new BpmnModdle().fromXML(xml);
  const modeler = new Modeler({ additionalModules: [{ textRenderer: ["value", textRenderer] }] });
  const opened = await modeler.importXML(xml);
  const drawn = modeler.get("elementRegistry").filter((element) => element.parent);
  const saved = await modeler.saveXML({ format: true });
  const [process] = rootElement.rootElements;
  const linter = new Linter({ config: { extends: "bpmnlint:correctness" }, resolver: new NodeResolver() });
  told[name] = {
    warnings: [...warnings, ...opened.warnings].map(String),
    lint: Object.values(await linter.lint(rootElement)).flat().map((report) => `${report.id}: ${report.message}`),
    elements: process.flowElements.map((element) => [element.id, element.$type]),
    drawn: drawn.filter((element) => element.type !== "label").map((element) => element.id),
    savedAgain: (await new BpmnModdle().fromXML(saved.xml)).rootElement.rootElements[0].flowElements.length,
  };
}
console.log(JSON.stringify(told));
