/** What `trunkline flows` prints: plans like a diff, and what the service says of flows at the line that it means. */
import type { ConnectPlan, ConnectStep } from "../provisioning/connect-plan.ts";
import type { RefusedFlow } from "../provisioning/connect-publisher.ts";
import { placeOfProblem } from "../provisioning/flow-language/flow-linter.ts";
import { stepText } from "../provisioning/step-text.ts";
import type { Output } from "./output.ts";

/** A plan as lines, or as data. */
export function printPlan(
  { steps, blocks }: ConnectPlan,
  output: Output,
  { json }: { readonly json: boolean },
): void {
  if (json) {
    output.json({
      steps: steps.map((step) => ({ kind: step.kind, text: stepText(step) })),
      blocks,
    });
    return;
  }
  for (const step of steps) {
    const isNew = isAdding(step);
    const mark = output.tint(isNew ? "good" : "warning", isNew ? "+" : "~");
    output.data(`${mark} ${stepText(step)}`);
  }
  if (steps.length === 0 && blocks.length === 0) {
    output.data("nothing to do: the instance is as it shall be");
  }
  for (const { subject, problem, advice } of blocks) {
    output.data(`${output.tint("bad", "!")} ${subject}: ${problem}`);
    output.data(`      ${advice}`);
  }
}

/** The service names a block at best: its line is looked for in the template. */
export function printRefused(refused: readonly RefusedFlow[], output: Output): void {
  for (const { flow, content, problems } of refused) {
    output.fail(`FLOW_REFUSED: Amazon Connect does not take contact flow "${flow.name}"`);
    for (const problem of problems) {
      output.fail(`  ${placeOfProblem(content, flow.file, problem)}  ${problem}`);
    }
  }
}

function isAdding({ kind }: ConnectStep): boolean {
  return ["associateConnector", "allowLambda", "approveOrigin", "createFlow"].includes(kind);
}
