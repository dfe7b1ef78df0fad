/** What the gateway says on the assist socket, read at the border: what is not understood is left out. */
import type { AssistEvent } from "../../../src/ports/assist-events.ts";

/** A message of the gateway. */
export type GatewayMessage =
  | {
      readonly type: "subscribed";
      readonly callId: string | undefined;
      readonly contactId: string | undefined;
    }
  | {
      readonly type: "event";
      readonly eventId: number;
      readonly callId: string;
      readonly contactId: string | undefined;
      readonly event: AssistEvent;
    }
  | { readonly type: "gap"; readonly callId: string; readonly through: number }
  | { readonly type: "notice"; readonly event: Extract<AssistEvent, { readonly kind: "notice" }> }
  | { readonly type: "error"; readonly code: string; readonly message: string }
  | { readonly type: "pong" };

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === "boolean";
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const having =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(shape).every(([name, check]) => check(value[name]));
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string);

const isRole = oneOf("customer", "agent", "model", "unknown");
const isShare: Check = (value) => isObject(value) && Object.values(value).every(isNumber);

/** What each kind must have; JSON leaves out what is not known. */
const EVENT_SHAPES: Readonly<Record<AssistEvent["kind"], Check>> = {
  state: having({
    state: oneOf("live", "held", "ended"),
    participants: listOf(having({ id: isText, role: isRole, because: isText })),
  }),
  transcript: having({
    utteranceId: isText,
    participantId: isText,
    role: isRole,
    text: isText,
    final: isFlag,
    startMs: isNumber,
    endMs: isNumber,
  }),
  suggestion: having({
    suggestionId: isText,
    category: oneOf("answer", "nextBestAction", "coaching"),
    text: isText,
    partial: isFlag,
    sources: listOf(having({ title: isText, excerpt: isText })),
  }),
  sentiment: having({
    participantId: isText,
    label: oneOf("positive", "neutral", "negative", "mixed"),
  }),
  finding: having({ finding: oneOf("issue", "category"), text: isText }),
  playbook: having({
    name: isText,
    steps: listOf(having({ id: isText, title: isText, done: isFlag })),
  }),
  coaching: having({
    talkShare: isShare,
    overtalkMs: isNumber,
    deadAirMs: isNumber,
    missedSteps: listOf(isText),
  }),
  summary: having({ text: isText }),
  notice: having({ part: isText, ok: isFlag, text: isText }),
  level: having({ participantId: isText, levelsDbfs: listOf(isNumber), everyMs: isNumber }),
};

/** `undefined`: none that this page knows. */
export function readMessage(text: string): GatewayMessage | undefined {
  const value = parse(text);
  if (!isObject(value)) {
    return undefined;
  }
  const { type, callId, contactId, event, eventId } = value;
  const ids = { callId: textOr(callId), contactId: textOr(contactId) };
  switch (type) {
    case "subscribed":
      return { type, ...ids };
    case "event":
      return typeof callId === "string" && typeof eventId === "number" && isEvent(event)
        ? { type, eventId, callId, contactId: ids.contactId, event }
        : undefined;
    case "gap":
      return typeof callId === "string"
        ? { type, callId, through: Number(value["through"]) }
        : undefined;
    case "notice":
      return isEvent(event) && event.kind === "notice" ? { type, event } : undefined;
    case "error":
      return { type, code: textOr(value["code"]) ?? "", message: textOr(value["message"]) ?? "" };
    case "pong":
      return { type };
    default:
      return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEvent(value: unknown): value is AssistEvent {
  const kind = isObject(value) ? value["kind"] : undefined;
  return (
    typeof kind === "string" &&
    Object.hasOwn(EVENT_SHAPES, kind) &&
    EVENT_SHAPES[kind as AssistEvent["kind"]](value)
  );
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
