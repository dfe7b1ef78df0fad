/** What is wrong with a contact flow: where, in which block, in which parameter, and what would be right. */
import type { ValuePath } from "../../core/schema-outline.ts";
import type { PlaceOf } from "../../core/schema-problems.ts";

/** One thing that is wrong. */
export interface FlowFinding {
  /** `error`: the service refuses it, or it does what nobody wants. `warning`: it may. */
  readonly severity: "error" | "warning";
  /** `file:line:column`. */
  readonly place: string;
  /** Identifier of the block; `undefined`: the flow as a whole. */
  readonly block: string | undefined;
  /** `Parameters.QueueId`, `Transitions.Errors[0].ErrorType`; `undefined`: the block as a whole. */
  readonly parameter: string | undefined;
  /** What was expected, and what was found. */
  readonly text: string;
}

/** A place below a block, not yet located. */
export interface BlockFinding {
  readonly severity?: "error" | "warning";
  /** Below the block. */
  readonly path: ValuePath;
  readonly of?: PlaceOf;
  readonly text: string;
}

/** One line for people. */
export function findingLine({ severity, place, block, parameter, text }: FlowFinding): string {
  const where = [
    ...(block === undefined ? [] : [`block "${block}"`]),
    ...(parameter === undefined ? [] : [parameter]),
  ].join(", ");
  const mark = severity === "warning" ? "warning: " : "";
  return `${place}  ${mark}${where === "" ? "" : `${where}: `}${text}`;
}
