/** Contacts that are about to be transferred here: announced by a contact flow, found by their call. */
import { z } from "zod";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";
import { iso, TIME } from "./view-times.ts";

const ID = z.string().regex(/^[0-9A-Za-z-]{1,256}$/);
const MAX_ATTRIBUTE_BYTES = 32_768;

const ANNOUNCEMENT = z.strictObject({
  contactId: ID.describe("Amazon Connect's contact, $.ContactId in a contact flow."),
  initialContactId: ID.optional().describe("The first of its chain, $.InitialContactId."),
  number: z
    .string()
    .regex(/^\+?[0-9 ().-]{3,32}$/, "a phone number")
    .optional()
    .describe("The caller's: the call is found by it. Absent: by the code."),
  code: z
    .string()
    .regex(/^\d{6,16}$/, "6 to 16 digits")
    .optional()
    .describe("Keys that the contact flow will press; absent, and no number: one is made up."),
  attributes: z
    .record(z.string().min(1).max(256), z.string().max(MAX_ATTRIBUTE_BYTES))
    .refine(
      (attributes) => Buffer.byteLength(JSON.stringify(attributes)) <= 2 * MAX_ATTRIBUTE_BYTES,
      "at most 32,768 bytes",
    )
    .default({})
    .describe("What the flow's model may be told; none: those of the contact are asked for."),
  ttlSeconds: z
    .number()
    .int()
    .min(5)
    .max(86_400)
    .optional()
    .describe("Seconds for which it waits for its call; absent: connect.contacts.ttlSeconds."),
});

const ANNOUNCED = z.object({
  code: z.string().nullable().describe("Keys for the contact flow to press; null: the number."),
  expires: TIME,
});

/** `POST /contacts`; nothing of it can be read back. */
export function addAnnouncementRoutes(app: ApiApp, { announcements }: ApiOptions): void {
  app.post(
    "/contacts",
    {
      config: { role: "operate" },
      schema: {
        tags: ["contacts"],
        summary: "Announces a contact whose call comes over a network that carries no metadata.",
        body: ANNOUNCEMENT,
        response: { 201: ANNOUNCED, 400: ERROR_BODY, 409: ERROR_BODY, 503: ERROR_BODY },
      },
    },
    ({ body }, reply) => {
      const { contactId, initialContactId, number, code, attributes, ttlSeconds } = body;
      const identity = {
        contactId,
        initialContactId,
        instanceId: undefined,
        accountId: undefined,
      };
      const announced = announcements.announce({ number, code, identity, attributes, ttlSeconds });
      void reply.code(201);
      return { code: announced.code ?? null, expires: iso(announced.expiresAtMs) };
    },
  );
  refuseOtherMethods(app, "/contacts", ["POST"]);
}
