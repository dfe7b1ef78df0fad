/** What is known of a type of block: its parameters, where it leads, and in which flows it may be. */
import type { ParameterTable } from "./parameter-types.ts";

/** Types of contact flows, as the service names them. */
export const FLOW_TYPES = [
  "CONTACT_FLOW",
  "CUSTOMER_QUEUE",
  "CUSTOMER_HOLD",
  "CUSTOMER_WHISPER",
  "AGENT_HOLD",
  "AGENT_WHISPER",
  "OUTBOUND_WHISPER",
  "AGENT_TRANSFER",
  "QUEUE_TRANSFER",
  "CAMPAIGN",
] as const;

/** One of them. */
export type FlowType = (typeof FLOW_TYPES)[number];

/** One type of block. */
export interface BlockType extends ParameterTable {
  /** `none`: the flow ends there. */
  readonly next: "required" | "optional" | "none";
  /** Errors that it may catch. */
  readonly errors: readonly string[];
  /** Errors that it has to catch. */
  readonly mustCatch?: readonly string[];
  /** `choices`: its conditions are `Equals` with one of these operands, and all of them are there. */
  readonly conditions: "none" | "optional" | "required" | { readonly choices: readonly string[] };
  /** Absent: in all. */
  readonly flows?: readonly FlowType[];
  /** Absent: in none. */
  readonly notIn?: readonly FlowType[];
  /** Where it runs only for chats. */
  readonly chatOnly?: boolean;
}
