/** Reads an envelope off the bus, where it may come from another node. */
import { asCallId } from "../../core/ids.ts";
import type { AssistEnvelope, AssistEvent } from "../../ports/assist-events.ts";
import type { BusMessage } from "../../ports/bus.ts";

/** Before the call id in the topics of the bus. */
export const ASSIST_TOPIC_PREFIX = "assist/";

/** `undefined`: it is none, or not of this topic's call. The event's fields are passed on as they are. */
export function readEnvelope(topic: string, message: BusMessage): AssistEnvelope | undefined {
  const { eventId, callId, contactId, atMs, event } = message as Partial<
    Record<keyof AssistEnvelope, unknown>
  >;
  const isWhole =
    typeof eventId === "number" &&
    Number.isSafeInteger(eventId) &&
    eventId >= 0 &&
    typeof callId === "string" &&
    topic === `${ASSIST_TOPIC_PREFIX}${callId}` &&
    (contactId === undefined || typeof contactId === "string") &&
    typeof atMs === "number" &&
    isEvent(event);
  return isWhole ? { eventId, callId: asCallId(callId), contactId, atMs, event } : undefined;
}

function isEvent(event: unknown): event is AssistEvent {
  return (
    typeof event === "object" &&
    event !== null &&
    typeof (event as { kind?: unknown }).kind === "string"
  );
}
