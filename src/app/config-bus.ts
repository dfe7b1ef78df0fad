/** Settings of the bus. */
import { z } from "zod";
import { secret } from "./config-values.ts";

const REDIS_URL = /^rediss?:\/\//;

/** Where news of calls travel. */
export const busSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("memory").describe("Within this process.") }),
  z.strictObject({
    kind: z.literal("redis").describe("Redis or Valkey, shared by several gateways."),
    url: secret("redis://HOST:PORT or rediss://HOST:PORT")
      .refine((text) => REDIS_URL.test(text) && URL.canParse(text), {
        message: "expected redis://HOST:PORT or rediss://HOST:PORT",
      })
      .describe("Address, with user and password if any; rediss:// is encrypted; secret."),
    channel: z
      .string()
      .regex(/^[A-Za-z0-9:._-]{1,64}$/, "1 to 64 letters, digits, colons, dots, _ and -")
      .default("trunkline")
      .describe("Channel that the gateways of one system share, and no others."),
  }),
]);
