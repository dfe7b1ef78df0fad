/** What a flow wants of Amazon Connect's contacts: what its model is told, what is written back, how they are found. */
import { z } from "zod";

const attributeName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, "the name of an attribute: letters, digits, _, . and -");

const codeSchema = z.strictObject({
  digits: z.number().int().min(4).max(16).describe("Length of the code."),
  waitMs: z
    .number()
    .int()
    .min(500)
    .max(15_000)
    .default(4000)
    .describe("Milliseconds for it after the answer; until then the caller hears nothing."),
});

/** Part of a flow that talks. */
export const contactSchema = z.strictObject({
  tell: z
    .array(attributeName)
    .max(64)
    .default([])
    .describe(
      "Attributes of the contact that the model is told, beside those that texts name as {{attributes.name}}. Others stay here.",
    ),
  results: z
    .boolean()
    .default(true)
    .describe("What the model noted and how the call ended is written to its contact before BYE."),
  summary: z
    .boolean()
    .default(false)
    .describe("With the results: the caller's own sentences that say most."),
  byNumber: z
    .boolean()
    .default(false)
    .describe("A call without a contact of its own is looked up by the caller's number."),
  code: codeSchema
    .optional()
    .describe(
      "A call without a contact of its own is found by keys that its contact flow presses; absent: no keys are waited for.",
    ),
});
