/** Writes the template: `npm --prefix infra run synth -- --nodes 2` for another number of nodes. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { makeTemplate } from "./make-template.ts";

const { values } = parseArgs({ options: { nodes: { type: "string", default: "1" } } });
const nodeCount = Number(values.nodes);
if (!Number.isInteger(nodeCount) || nodeCount < 1 || nodeCount > 10) {
  console.error("--nodes takes a number from 1 to 10");
  process.exit(2);
}
const target = new URL("trunkline.template.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(makeTemplate(nodeCount), null, 2)}\n`);
console.error(`${nodeCount} ${nodeCount === 1 ? "node" : "nodes"}: ${target.pathname}`);
