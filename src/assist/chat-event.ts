/** What Amazon Connect says of a chat in a streaming message. */
import { z } from "zod";
import { jsonOf } from "./sns-message.ts";

/** A message or the end of a chat. */
export type ChatEvent =
  | {
      readonly kind: "message";
      readonly contactId: string;
      readonly id: string;
      readonly role: "customer" | "agent";
      readonly participantId: string;
      readonly text: string;
    }
  | { readonly kind: "ended"; readonly contactId: string };

const ID = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const MAX_TEXT = 4000;
const ENDED = "application/vnd.amazonaws.connect.event.chat.ended";

const eventSchema = z.object({
  Type: z.string().max(64),
  ContactId: ID,
  Id: ID.optional(),
  ParticipantId: ID.optional(),
  ParticipantRole: z.string().max(64).optional(),
  ContentType: z.string().max(200).optional(),
  Content: z.string().max(65_536).optional(),
});

/** `undefined` for what says nothing to an agent's help: typing, joining, receipts, system messages, other content. */
export function readChatEvent(json: string): ChatEvent | undefined {
  const parsed = eventSchema.safeParse(jsonOf(json));
  if (!parsed.success) {
    return undefined;
  }
  const { Type, ContactId: contactId, ContentType = "text/plain", Content = "" } = parsed.data;
  if (Type === "EVENT" && ContentType === ENDED) {
    return { kind: "ended", contactId };
  }
  const { Id: id, ParticipantId: participantId = "customer", ParticipantRole } = parsed.data;
  const role = ParticipantRole?.toLowerCase();
  const isText = /^text\/(?:plain|markdown)\b/i.test(ContentType);
  const text = Content.trim().slice(0, MAX_TEXT);
  const isSpoken = role === "customer" || role === "agent";
  if (Type !== "MESSAGE" || id === undefined || !isSpoken || !isText || text === "") {
    return undefined;
  }
  return { kind: "message", contactId, id, role, participantId, text };
}
