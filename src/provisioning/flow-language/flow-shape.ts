/** The frame of a contact flow: version, start, the list of blocks, and the names that blocks may have. */
import { didYouMean } from "../../core/did-you-mean.ts";
import type { FlowType } from "./block-type.ts";
import type { BlockFinding } from "./finding.ts";

const VERSION = "2019-10-30";
const MAX_BLOCKS = 250;
const MAX_IDENTIFIER = 50;
const FORBIDDEN = /[%:(\\/)=$,;[\]{}]/;
const RESERVED = [
  "__proto__",
  "constructor",
  "__defineGetter__",
  "__defineSetter__",
  "toString",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "valueOf",
];
const MEMBERS = ["Version", "StartAction", "Metadata", "Actions", "Settings"];

/** What exports say of their own type. */
const TYPES: Readonly<Record<string, FlowType>> = {
  contactFlow: "CONTACT_FLOW",
  customerQueue: "CUSTOMER_QUEUE",
  customerHold: "CUSTOMER_HOLD",
  customerWhisper: "CUSTOMER_WHISPER",
  agentHold: "AGENT_HOLD",
  agentWhisper: "AGENT_WHISPER",
  outboundWhisper: "OUTBOUND_WHISPER",
  agentTransfer: "AGENT_TRANSFER",
  queueTransfer: "QUEUE_TRANSFER",
  campaign: "CAMPAIGN",
};

/** A block, as far as anything can be said of it. */
export interface RawBlock {
  readonly Identifier: string;
  readonly Type: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Transitions?: unknown;
}

/** Whether a value is one. */
export function isBlock(value: unknown): value is RawBlock {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { Identifier, Type, Parameters } = value as Record<string, unknown>;
  const hasFields =
    Parameters === undefined || (typeof Parameters === "object" && Parameters !== null);
  return typeof Identifier === "string" && typeof Type === "string" && hasFields;
}

/** What is wrong with the frame. */
export function flowProblems(value: unknown): readonly BlockFinding[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [{ path: [], text: "expected a contact flow: {Version, StartAction, Actions}" }];
  }
  const flow = value as Record<string, unknown>;
  const actions = flow["Actions"];
  const strange = Object.keys(flow).filter((name) => !MEMBERS.includes(name));
  return [
    ...strange.map((name) => ({
      path: [name],
      of: "key" as const,
      text: `unknown member${didYouMean(name, MEMBERS)}`,
    })),
    ...(flow["Version"] === VERSION ? [] : [{ path: ["Version"], text: `expected "${VERSION}"` }]),
    ...(typeof flow["StartAction"] === "string"
      ? []
      : [{ path: ["StartAction"], text: "expected the Identifier of a block" }]),
    ...(Array.isArray(actions) && actions.length > 0
      ? []
      : [{ path: ["Actions"], text: "expected a list of blocks" }]),
    ...(Array.isArray(actions) && actions.length > MAX_BLOCKS
      ? [
          {
            path: ["Actions"],
            text: `expected at most ${MAX_BLOCKS} blocks, found ${actions.length}`,
          },
        ]
      : []),
  ];
}

/** What is wrong with the name of a block. */
export function identifierProblem(identifier: string): readonly BlockFinding[] {
  const path = ["Identifier"];
  if (identifier === "" || identifier.length > MAX_IDENTIFIER) {
    return [
      { path, text: `expected 1 to ${MAX_IDENTIFIER} characters, found ${identifier.length}` },
    ];
  }
  const [character] = FORBIDDEN.exec(identifier) ?? [];
  if (character !== undefined) {
    return [{ path, text: `expected none of % : ( \\ / ) = $ , ; [ ] { }, found ${character}` }];
  }
  return RESERVED.includes(identifier)
    ? [{ path, text: `"${identifier}" is a reserved word` }]
    : [];
}

/** The type that an export names in its Metadata; `undefined`: it names none. */
export function typeInMetadata(value: unknown): FlowType | undefined {
  const metadata = (value as { Metadata?: unknown } | null)?.Metadata;
  const type = (metadata as { type?: unknown } | null | undefined)?.type;
  return typeof type === "string" ? TYPES[type] : undefined;
}
