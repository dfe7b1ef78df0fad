/** Settings of Amazon Connect: whose contacts calls belong to, and how long calls wait for what is known of them. */
import { z } from "zod";
import { count, secret } from "./config-values.ts";

const announcementsSchema = z.strictObject({
  max: count(1, 100_000)
    .default(10_000)
    .describe("Contacts announced by POST /contacts, at a time."),
  ttlSeconds: count(5, 86_400)
    .default(120)
    .describe("Seconds for which an announced contact waits for its call."),
  codeDigits: count(6, 16)
    .default(8)
    .describe("Length of codes that are made up; contact.code.digits of flows is the same."),
});

const lookupSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "an http or https URL" })
    .describe("Asked for the contact of a call by POST; its host must be in tools.allowedHosts."),
  secret: secret()
    .min(16, "at least 16 characters that nobody guesses")
    .optional()
    .describe("Signs the requests; absent: they are not signed; secret."),
});

/** Amazon Connect. */
export const connectSchema = z.strictObject({
  instanceId: z
    .string()
    .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "the id of an instance, a UUID")
    .optional()
    .describe("The instance whose contacts are asked for and written to; absent: nobody is."),
  trunks: z
    .array(z.string().min(1).max(32))
    .max(64)
    .default([])
    .describe("Trunks whose X-Amzn-Connect headers are believed; empty: all, and loopback."),
  lookupMs: count(50, 2000)
    .default(400)
    .describe("Milliseconds that the greeting waits for what is known of a contact."),
  resultsMs: count(100, 10_000)
    .default(2000)
    .describe("Milliseconds that a BYE waits for results to be written."),
  contacts: announcementsSchema
    .prefault({})
    .describe("Contacts announced by POST /contacts, for transfers over the public network."),
  lookup: lookupSchema
    .optional()
    .describe("A service of yours that knows contacts by number or code; absent: none is asked."),
});

/** Checked settings. */
export type ConnectSettings = Readonly<z.output<typeof connectSchema>>;
