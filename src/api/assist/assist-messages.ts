/** What pages and the gateway say to each other on the assist socket. */
import { z } from "zod";
import type { ASSIST_REFUSALS } from "../../core/assist-metrics.ts";
import { ROLE_CORRECTION } from "../role-route.ts";
import type { AssistSubject } from "./assist-log.ts";
import type { CallEvents } from "./call-events.ts";

const ID = z.string().min(1).max(128);
const EVENT_ID = z.number().int().min(0);

const SUBJECT = { callId: ID.optional(), contactId: ID.optional() };

const CLIENT_MESSAGE = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("subscribe"),
    ...SUBJECT,
    /** A number counts for the newest call of a contact; an object says it by call id. */
    after: z.union([EVENT_ID, z.record(ID, EVENT_ID)]).optional(),
  }),
  z.object({ action: z.literal("unsubscribe"), ...SUBJECT }),
  z.object({ action: z.literal("ping") }),
  z.object({
    action: z.literal("setRole"),
    /** Absent: the newest call that is followed. */
    callId: ID.optional(),
    ...ROLE_CORRECTION,
  }),
]);

/** What a page asks. */
export type ClientMessage = z.infer<typeof CLIENT_MESSAGE>;

/** Why a message was refused; the connection stays. */
export type MessageRefusal = Extract<
  (typeof ASSIST_REFUSALS)[number],
  | "badMessage"
  | "unknownAction"
  | "otherContact"
  | "tooManySubscriptions"
  | "lookingOnly"
  | "noSuchCall"
  | "notRecorded"
  | "noSuchParticipant"
>;

const ACTIONS: ReadonlySet<unknown> = new Set(["subscribe", "unsubscribe", "ping", "setRole"]);

/** The message, or why it is none. */
export function readClientMessage(text: string): ClientMessage | MessageRefusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "badMessage";
  }
  const action = (value as { action?: unknown } | null)?.action;
  if (typeof action === "string" && !ACTIONS.has(action)) {
    return "unknownAction";
  }
  const { data } = CLIENT_MESSAGE.safeParse(value);
  const isAmbiguous =
    data !== undefined &&
    (data.action === "subscribe" || data.action === "unsubscribe") &&
    data.callId !== undefined &&
    data.contactId !== undefined;
  return data === undefined || isAmbiguous ? "badMessage" : data;
}

/** What a message is about; `undefined`: it does not say. */
export function subjectOfMessage(message: {
  readonly callId?: string | undefined;
  readonly contactId?: string | undefined;
}): AssistSubject | undefined {
  const { callId, contactId } = message;
  if (callId !== undefined) {
    return { kind: "call", id: callId };
  }
  return contactId === undefined ? undefined : { kind: "contact", id: contactId };
}

const REFUSAL_TEXTS: Readonly<Record<MessageRefusal, string>> = {
  badMessage:
    'expected JSON: {"action": "subscribe" | "unsubscribe", "callId" or "contactId", "after"}, or {"action": "setRole", "participantId", "role"}',
  unknownAction: "expected the action subscribe, unsubscribe, setRole or ping",
  otherContact: "the token opens another contact or call than this",
  tooManySubscriptions: "this connection has as many subscriptions as it may have",
  lookingOnly: "correcting roles needs a one-contact token, or a token with the role operate",
  noSuchCall: "no call in progress is followed here",
  notRecorded: "only recording sessions have roles to correct",
  noSuchParticipant: "the call has no such participant",
};

/** The answer to a message that is refused. */
export function errorText(code: MessageRefusal): string {
  return JSON.stringify({ type: "error", code, message: REFUSAL_TEXTS[code] });
}

/** The answer to `subscribe` and `unsubscribe`, before the events. */
export function subscriptionText(
  type: "subscribed" | "unsubscribed",
  { kind, id }: AssistSubject,
  calls: readonly CallEvents[],
): string {
  return JSON.stringify({
    type,
    [kind === "call" ? "callId" : "contactId"]: id,
    ...(type === "subscribed" ? { calls: calls.map(callSummary) } : {}),
  });
}

/** Said before the events that follow those that are not there any more, or never came. */
export function gapText(call: CallEvents): string {
  return JSON.stringify({ type: "gap", callId: call.callId, through: call.lostThrough });
}

function callSummary({ callId, lastId, ended }: CallEvents) {
  return { callId, lastEventId: lastId, ended };
}
