/** Settings of `sip` that say who may reach the gateway. */
import { z } from "zod";
import { count } from "./config-values.ts";

const strangersSchema = z.strictObject({
  perSecond: z
    .number()
    .min(0.1)
    .max(10_000)
    .default(5)
    .describe("Requests a second of one address that are looked at; the rest is dropped."),
  burst: count(1, 100_000).default(20).describe("As many at once, after a pause."),
});

/** Fields of `sip`. */
export const admissionFields = {
  trustLoopback: z
    .boolean()
    .default(true)
    .describe("true: calls of this machine need no trunk; false: they need one as all others."),
  hideFromStrangers: z
    .boolean()
    .default(false)
    .describe("true: who is of no trunk gets no answer at all, whatever the request."),
  strangers: strangersSchema.prefault({}).describe("What an address of no trunk may send."),
};
