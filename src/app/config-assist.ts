/** Settings of the assist socket. */
import { z } from "zod";
import { count, secret } from "./config-values.ts";

/** Who may connect, and what is kept for those who come late. */
export const assistSchema = z.strictObject({
  tokenSecret: secret()
    .min(32, "at least 32 characters that nobody guesses")
    .optional()
    .describe(
      "Signs one-contact tokens, at least 32 characters, the same on all nodes; absent: a random one per process; secret.",
    ),
  origins: z
    .array(
      z
        .string()
        .regex(/^https?:\/\/[A-Za-z0-9.:[\]_-]+$/, "an origin such as https://agents.example.com")
        .toLowerCase(),
    )
    .max(100)
    .default([])
    .describe(
      "Origins of pages beside our own that may connect, and show the agent's page in a frame, as https://agents.example.com.",
    ),
  maxConnections: count(1, 400).default(200).describe("Pages connected at a time."),
  keepSeconds: count(0, 86_400)
    .default(600)
    .describe("Seconds for which a call that ended can still be read."),
});
