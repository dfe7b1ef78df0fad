/** Settings of voice by A2A, Amazon Connect's WebSocket with audio both ways. */
import { z } from "zod";
import { count, secret } from "./config-values.ts";

const rateHz = () => z.union([z.literal(8000), z.literal(16_000), z.literal(24_000)]).optional();

/** Who may open a session, and what takes it. */
export const a2aSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,32}$/, "1 to 32 letters, digits, _ and -")
          .describe("For logs: whose key it is."),
        key: secret()
          .min(16, "at least 16 characters that nobody guesses")
          .describe("API key that Connect shows, at least 16 characters; secret."),
        flow: z.string().min(1).default("agent").describe("Flow that takes its sessions."),
        model: z
          .string()
          .min(1)
          .optional()
          .describe("A configured model, in place of the flow's own."),
      }),
    )
    .max(100)
    .default([])
    .describe("Who may open WS /a2a; []: nobody, there is none."),
  maxSessions: count(1, 10_000).default(200).describe("Sessions at a time; calls.max counts too."),
  inputRateHz: rateHz().describe(
    "Asked of Connect for the caller's audio: 8000, 16000 or 24000; absent: as it proposes.",
  ),
  outputRateHz: rateHz().describe("The same for what the model says."),
  spanText: z
    .boolean()
    .default(true)
    .describe("Whether tracing spans hold what was said, where Connect wants spans."),
  publicUrl: z
    .string()
    .regex(/^wss?:\/\/[A-Za-z0-9.:[\]_-]+(?:\/[A-Za-z0-9._~/-]*)?$/, "wss://host/a2a")
    .optional()
    .describe("Address of WS /a2a in the agent card; absent: as the card is asked for."),
});
