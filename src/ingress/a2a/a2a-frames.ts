/** What Connect sends: JSON-RPC frames of strangers, read without ever throwing. */
import type { A2A_FRAMES } from "../../core/ingress-metrics.ts";
import { EVENT_TYPE, RPC } from "./a2a-names.ts";

/** The id of a JSON-RPC request. */
export type RpcId = string | number | null;

/** A piece of a frame that was too long for one message. */
export interface Fragment {
  readonly id: string;
  readonly part: number;
  readonly total: number;
  readonly payload: string;
}

/** One frame. */
export type A2aFrame =
  | {
      readonly kind: "init";
      readonly id: RpcId;
      readonly contextId: string | undefined;
      readonly session: unknown;
    }
  | { readonly kind: "channelState"; readonly state: string }
  | { readonly kind: "audio"; readonly slices: readonly Buffer[] }
  | { readonly kind: "dtmf"; readonly digits: string; readonly reason: string }
  | { readonly kind: "interruption"; readonly cause: string }
  | { readonly kind: "error"; readonly code: string; readonly category: string }
  | { readonly kind: "text" }
  | { readonly kind: "fragment"; readonly fragment: Fragment }
  | { readonly kind: "unknown" }
  | {
      readonly kind: "malformed";
      readonly id: RpcId;
      readonly code: number;
      readonly why: string;
    };

/** How a frame is counted. */
export type A2aFrameKind = (typeof A2A_FRAMES)[number] & A2aFrame["kind"];

const METHODS: ReadonlySet<unknown> = new Set(["SendMessage", "SendStreamingMessage"]);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const DIGITS = /^[0-9*#A-D]{1,64}$/;
const MAX_PARTS = 16;
const MAX_ID_CHARACTERS = 256;

type Fields = Readonly<Record<string, unknown>>;

/** Reads one message of the socket. */
export function readFrame(text: string): A2aFrame {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return { kind: "malformed", id: null, code: RPC.parse, why: "the frame is not JSON" };
  }
  const frame = fields(root);
  const id = idOf(frame["id"]);
  const bad = (code: number, why: string): A2aFrame => ({ kind: "malformed", id, code, why });
  if (frame["jsonrpc"] !== "2.0") {
    return bad(RPC.request, "the frame is not JSON-RPC 2.0");
  }
  if (!METHODS.has(frame["method"])) {
    return bad(RPC.method, "the only method is SendMessage");
  }
  const message = fields(fields(frame["params"])["message"]);
  const parts = message["parts"];
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MAX_PARTS) {
    return bad(RPC.params, `expected params.message.parts, 1 to ${MAX_PARTS} of them`);
  }
  return readMessage(message, parts.map(fields), bad, id);
}

function readMessage(
  message: Fields,
  parts: readonly Fields[],
  bad: (code: number, why: string) => A2aFrame,
  id: RpcId,
): A2aFrame {
  const [first = {}] = parts;
  if (typeof first["raw"] === "string") {
    const slices = slicesOf(parts);
    return slices === undefined
      ? bad(RPC.params, "expected base64 in raw")
      : { kind: "audio", slices };
  }
  if (typeof first["text"] === "string") {
    return { kind: "text" };
  }
  const event = fields(message["metadata"])[EVENT_TYPE];
  const data = fields(first["data"]);
  const { contextId } = message as { contextId?: unknown };
  return event === "INIT_SESSION"
    ? { kind: "init", id, contextId: shortText(contextId), session: data["initSession"] }
    : readEvent(event, data, bad);
}

function readEvent(
  event: unknown,
  data: Fields,
  bad: (code: number, why: string) => A2aFrame,
): A2aFrame {
  switch (event) {
    case "CHANNEL_STATE":
      return {
        kind: "channelState",
        state: shortText(fields(data["channelState"])["state"]) ?? "",
      };
    case "DTMF_INPUT_COMPLETE": {
      const { inputString, terminationReason } = fields(data["dtmfInputComplete"]);
      const reason = shortText(terminationReason) ?? "";
      return typeof inputString === "string" && (inputString === "" || DIGITS.test(inputString))
        ? { kind: "dtmf", digits: inputString, reason }
        : bad(RPC.params, "expected keys in dtmfInputComplete.inputString");
    }
    case "INTERRUPTION":
      return { kind: "interruption", cause: shortText(fields(data["interruption"])["type"]) ?? "" };
    case "ERROR": {
      const { errorCode, errorCategory } = fields(data["error"]);
      return {
        kind: "error",
        code: typeof errorCode === "number" ? String(errorCode) : (shortText(errorCode) ?? ""),
        category: shortText(errorCategory) ?? "",
      };
    }
    case "FRAGMENT": {
      const fragment = fragmentOf(fields(data["fragment"]));
      return fragment === undefined
        ? bad(RPC.params, "expected fragmentId, partNumber, totalParts and payload in base64")
        : { kind: "fragment", fragment };
    }
    default:
      return { kind: "unknown" };
  }
}

function slicesOf(parts: readonly Fields[]): readonly Buffer[] | undefined {
  const slices: Buffer[] = [];
  for (const { raw } of parts) {
    if (typeof raw !== "string" || !BASE64.test(raw)) {
      return undefined;
    }
    slices.push(Buffer.from(raw, "base64"));
  }
  return slices;
}

function fragmentOf(written: Fields): Fragment | undefined {
  const { fragmentId, partNumber, totalParts, payload } = written;
  const id = shortText(fragmentId);
  const isWhole =
    id !== undefined &&
    Number.isInteger(partNumber) &&
    Number.isInteger(totalParts) &&
    typeof payload === "string" &&
    BASE64.test(payload);
  const part = partNumber as number;
  const total = totalParts as number;
  return isWhole && part >= 0 && part < total
    ? { id, part, total, payload: payload as string }
    : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function shortText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_CHARACTERS
    ? value
    : undefined;
}

function idOf(value: unknown): RpcId {
  return typeof value === "number" && Number.isFinite(value) ? value : (shortText(value) ?? null);
}
